import { SecureRandom } from "effect/crypto"
import { createHash } from "node:crypto"

/** How much of a secret is kept to tell keys apart. */
const prefixLength = 12

/** Lower-case hex SHA-256. A secret has 256 random bits, so its hash needs neither salt nor stretching. */
export const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("hex")

/** A new API key: known to whoever asked for it, and to nobody else. */
export const newSecret = () => {
  const secret = `shf_${Buffer.from(SecureRandom.randomBytesUnsafe(32)).toString("base64url")}`
  return { secret, prefix: secret.slice(0, prefixLength), hash: hashOf(secret) }
}

/** The secret of an `Authorization: Bearer` header, if there is one. */
export const bearerOf = (headers: Readonly<Record<string, string | undefined>>): string | undefined =>
  /^bearer +(\S+) *$/i.exec(headers["authorization"] ?? "")?.[1]
