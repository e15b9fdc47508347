import type { Sha256 } from "@sheaf/domain/ids"
import { createHash } from "node:crypto"
import type { FoundAsset } from "../Parser.ts"
import type { JailReply } from "./protocol.ts"

// Bytes go from the jail's process to its owner as lines of text among the others.

/** Bytes in one line: far below the longest that is read. */
const partBytes = 192 * 1_024

/** Bytes that a line of an asset stands for. */
export const bytesIn = (base64: string): number => Buffer.byteLength(base64, "base64")

/** Branded by hand: the host starts without loading Effect. */
export const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex") as Sha256

/** What an asset is sent as. */
type AssetReply = Extract<JailReply, { readonly _tag: "Asset" | "AssetPart" }>

/** Sends what a parser finds, each once. */
export const assetsTo = (send: (reply: AssetReply) => Promise<void> | undefined) => {
  const sent = new Set<Sha256>()
  return async ({ bytes, mediaType, name }: FoundAsset): Promise<Sha256> => {
    const hash = hashOf(bytes)
    if (sent.has(hash)) return hash
    sent.add(hash)
    await send({ _tag: "Asset", hash, mediaType, size: bytes.length, ...(name !== undefined && { name }) })
    for (let at = 0; at < bytes.length; at += partBytes) {
      const part = bytes.subarray(at, at + partBytes)
      await send({
        _tag: "AssetPart",
        base64: Buffer.from(part.buffer, part.byteOffset, part.length).toString("base64")
      })
    }
    return hash
  }
}
