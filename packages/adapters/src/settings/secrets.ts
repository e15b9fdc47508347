import { Option, Redacted } from "effect"
import type { SecretKey } from "../secrets/keyRing.ts"
import { databaseUrl } from "./database.ts"
import type { Reader } from "./Reader.ts"
import { type Kind, variable } from "./Variable.ts"

/** What secrets of users are sealed with. */
export type SecretsSettings =
  | { readonly _tag: "Keys"; readonly keys: readonly [SecretKey, ...ReadonlyArray<SecretKey>] }
  /** Made up, in the data folder. */
  | { readonly _tag: "KeyFile" }
  /** Nothing that holds a secret can be made. */
  | { readonly _tag: "None" }

const keyOf = (text: string): Option.Option<SecretKey> => {
  const [, id, encoded] = /^([a-z0-9-]{1,32}):([A-Za-z0-9+/]{43}=)$/.exec(text.trim()) ?? []
  if (id === undefined || encoded === undefined) return Option.none()
  return Option.some({
    id,
    key: Redacted.make(new Uint8Array(Buffer.from(encoded, "base64")), { label: "secret key" })
  })
}

const keysKind: Kind<readonly [SecretKey, ...ReadonlyArray<SecretKey>]> = {
  name:
    "one or more, with commas: `id:key`, the id of lower-case letters, digits and hyphens, the key 32 bytes in base64",
  parse: (text) =>
    Option.flatMap(Option.all(text.split(",").map(keyOf)), ([first, ...others]) => {
      const ids = new Set([first, ...others].map((key) => key?.id))
      return first === undefined || ids.size !== others.length + 1 ? Option.none() : Option.some([first, ...others])
    })
}

const secretKeys = variable(
  "SHEAF_SECRET_KEYS",
  keysKind,
  "Keys that secrets of users (of pipelines' HTTP steps, of connections) are sealed with, by their ids. The first seals; all of them open. To change the key, put a new one in front: what the others sealed is sealed again within the hour. `openssl rand -base64 32` makes one. Not set: with the embedded database one is made up and kept in `secret.key` of the data folder; with a server, nothing that holds a secret can be made.",
  { secret: true }
)

export const variables = [secretKeys]

export const read = (reader: Reader): SecretsSettings =>
  Option.match(reader.optional(secretKeys), {
    onSome: (keys): SecretsSettings => ({ _tag: "Keys", keys }),
    onNone: () => reader.isSet(databaseUrl) ? { _tag: "None" } : { _tag: "KeyFile" }
  })
