import { Option } from "effect"
import { isRange } from "../fetch/addresses.ts"
import type { Reader } from "./Reader.ts"
import { type Kind, listOf, variable } from "./Variable.ts"

/** Where workers may go when users name an address. */
export interface FetchSettings {
  /** Ranges besides the public internet. */
  readonly allow: ReadonlyArray<string>
}

const range: Kind<string> = {
  name: "range of addresses, like `10.1.0.0/16`",
  parse: (text) => isRange(text) && text.includes("/") ? Option.some(text) : Option.none()
}

const allow = variable(
  "SHEAF_FETCH_ALLOW",
  listOf(range),
  "Addresses besides the public internet that workers may connect to where users name them: in ingest events, and in the HTTP steps of pipelines. Not set: none."
)

export const variables = [allow]

export const read = (reader: Reader): FetchSettings => ({
  allow: Option.getOrElse(reader.optional(allow), () => [])
})
