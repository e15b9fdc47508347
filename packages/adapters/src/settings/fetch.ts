import { Option } from "effect"
import { isRange } from "../fetch/addresses.ts"
import type { Reader } from "./Reader.ts"
import { type Kind, listOf, variable, yesOrNo } from "./Variable.ts"

/** Where workers may go when users name an address. */
export interface FetchSettings {
  /** Ranges besides the public internet. */
  readonly allow: ReadonlyArray<string>
  /** Whether webhooks may be called without TLS anywhere. */
  readonly webhooksOverHttp: boolean
}

const range: Kind<string> = {
  name: "an address or a range of them, like `10.1.0.7` or `10.1.0.0/16`",
  parse: (text) => isRange(text) ? Option.some(text) : Option.none()
}

const allow = variable(
  "SHEAF_FETCH_ALLOW",
  listOf(range),
  "Addresses besides the public internet that workers may connect to where users name them: in ingest events, in webhooks, and in the HTTP steps of pipelines. Not set: none."
)

const webhooksOverHttp = {
  ...variable(
    "SHEAF_WEBHOOKS_HTTP",
    yesOrNo,
    "Whether webhooks may be `http:`, where anybody on the way can read what they are told. Addresses of `SHEAF_FETCH_ALLOW` that are written as such may be in any case."
  ),
  default: "false"
}

export const variables = [allow, webhooksOverHttp]

export const read = (reader: Reader): FetchSettings => ({
  allow: Option.getOrElse(reader.optional(allow), () => []),
  webhooksOverHttp: reader.get(webhooksOverHttp)
})
