import { Redacted } from "effect"
import { SecureRandom } from "effect/crypto"
import { hash } from "node:crypto"

/** How much of a secret is kept to tell keys apart. */
const prefixLength = 12

/** Lower-case hex SHA-256. A secret has 256 random bits, so its hash needs neither salt nor stretching. */
export const hashOf = (secret: string): string => hash("sha256", secret, "hex")

/** What is stored of a secret, and the secret itself. */
const stored = (secret: string) => ({ secret, prefix: secret.slice(0, prefixLength), hash: hashOf(secret) })

/** A new API key: known to whoever asked for it, and to nobody else. */
export const newSecret = () => stored(`shf_${Buffer.from(SecureRandom.randomBytesUnsafe(32)).toString("base64url")}`)

/** A key that somebody else has made up. */
export const givenSecret = (secret: Redacted.Redacted) => stored(Redacted.value(secret))

/** The secret of an `Authorization: Bearer` header, if there is one. */
export const bearerOf = (headers: Readonly<Record<string, string | undefined>>): string | undefined =>
  /^bearer +(\S+) *$/i.exec(headers["authorization"] ?? "")?.[1]
