import { createHash } from "node:crypto"

/** Namespace of the ids that Sheaf derives; a random UUID, fixed for ever. */
const namespace = "6f1d5d1c-8d1b-4c7e-9a3a-5b1f0c2e7d48"

/** UUID version 5 (RFC 9562, section 5.5): the same namespace and name give the same id, on every machine, for ever. */
export const uuidV5 = (space: string, name: string): string => {
  const hash = createHash("sha1").update(Buffer.from(space.replaceAll("-", ""), "hex")).update(name).digest()
  const bytes = hash.subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x50
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
}

/** An id that follows from some parts; their lengths keep apart what would read alike when put together. */
export const derivedId = (...parts: ReadonlyArray<string>): string =>
  uuidV5(namespace, parts.map((part) => `${part.length}:${part}`).join(""))
