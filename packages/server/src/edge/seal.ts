import { SecureRandom } from "effect/crypto"
import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto"

// AES-256-GCM under a key that only the owner of `secret` can make: what is sealed can lie in the database, which does not know it.
const cipher = "aes-256-gcm"
const nonceLength = 12
const tagLength = 16

const keyOf = (secret: string, purpose: string): Buffer => Buffer.from(hkdfSync("sha256", secret, "sheaf", purpose, 32))

export const seal = (text: string, secret: string, purpose: string): string => {
  const nonce = SecureRandom.randomBytesUnsafe(nonceLength)
  const encipher = createCipheriv(cipher, keyOf(secret, purpose), nonce)
  const body = Buffer.concat([encipher.update(text, "utf8"), encipher.final()])
  return Buffer.concat([nonce, encipher.getAuthTag(), body]).toString("base64url")
}

/** `null` for another secret, another purpose, or a changed text. */
export const unseal = (sealed: string, secret: string, purpose: string): string | null => {
  const bytes = Buffer.from(sealed, "base64url")
  if (bytes.length < nonceLength + tagLength) return null
  const decipher = createDecipheriv(cipher, keyOf(secret, purpose), bytes.subarray(0, nonceLength))
  decipher.setAuthTag(bytes.subarray(nonceLength, nonceLength + tagLength))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(nonceLength + tagLength)), decipher.final()]).toString("utf8")
  } catch {
    return null
  }
}
