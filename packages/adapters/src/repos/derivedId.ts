import { createHash } from "node:crypto"

/** Namespace of the ids that Sheaf derives; a random UUID, fixed for ever. */
const namespace = Buffer.from("6f1d5d1c8d1b4c7e9a3a5b1f0c2e7d48", "hex")

/** UUID version 5 (RFC 9562, section 5.5) of some parts: the same parts give the same id, on every machine, for ever. */
export const derivedId = (...parts: ReadonlyArray<string>): string => {
  const name = parts.map((part) => `${part.length}:${part}`).join("")
  const bytes = createHash("sha1").update(namespace).update(name).digest().subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x50
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString("hex")
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
