import { Effect, Layer, Redacted } from "effect"
import { SecureRandom } from "effect/crypto"
import { createCipheriv, createDecipheriv } from "node:crypto"
import { type SecretBox, Secrets, SecretUnreadable } from "./Secrets.ts"

// AES-256-GCM (NIST SP 800-38D): 96 random bits of nonce, 128 bits of tag. One key may seal some billions of secrets.
const cipher = "aes-256-gcm"
const nonceBytes = 12
const tagBytes = 16

/** A key of 32 bytes and its name. */
export interface SecretKey {
  readonly id: string
  readonly key: Redacted.Redacted<Uint8Array>
}

/** Lengths keep apart what would read alike when put together. */
const bindingOf = (keyId: string, owner: ReadonlyArray<string>): Buffer =>
  Buffer.from(JSON.stringify([keyId, ...owner]))

const sealedWith = ({ id, key }: SecretKey, text: string, owner: ReadonlyArray<string>): string => {
  const nonce = SecureRandom.randomBytesUnsafe(nonceBytes)
  const encipher = createCipheriv(cipher, Redacted.value(key), nonce).setAAD(bindingOf(id, owner))
  const body = Buffer.concat([encipher.update(text, "utf8"), encipher.final()])
  return `v1.${id}.${Buffer.concat([nonce, encipher.getAuthTag(), body]).toString("base64url")}`
}

const openedWith = ({ id, key }: SecretKey, body: string, owner: ReadonlyArray<string>): string => {
  const bytes = Buffer.from(body, "base64url")
  const decipher = createDecipheriv(cipher, Redacted.value(key), bytes.subarray(0, nonceBytes), {
    authTagLength: tagBytes
  }).setAAD(bindingOf(id, owner))
  decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes))
  return Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]).toString("utf8")
}

/** Seals with the first key, and opens with whichever one it was: a new key is put in front, and the old one stays for a while. */
export const make = ([newest, ...older]: readonly [SecretKey, ...ReadonlyArray<SecretKey>]): SecretBox => {
  const keys = new Map([newest, ...older].map((key) => [key.id, key]))
  return {
    keyId: newest.id,
    seal: (secret, owner) => Effect.sync(() => sealedWith(newest, Redacted.value(secret), owner)),
    open: (sealed, owner) => {
      const [version, keyId, body] = sealed.split(".")
      if (version !== "v1" || keyId === undefined || body === undefined) {
        return Effect.fail(new SecretUnreadable({ keyId: null }))
      }
      const key = keys.get(keyId)
      const unreadable = () => new SecretUnreadable({ keyId })
      return key === undefined
        ? Effect.fail(unreadable())
        : Effect.try({ try: () => Redacted.make(openedWith(key, body, owner)), catch: unreadable })
    }
  }
}

export const layer = (keys: readonly [SecretKey, ...ReadonlyArray<SecretKey>]): Layer.Layer<never> =>
  Layer.succeed(Secrets, make(keys))
