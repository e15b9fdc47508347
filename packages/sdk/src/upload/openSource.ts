import { Effect } from "effect"
import { SourceUnreadable } from "../errors/client.ts"
import { openFile } from "./openFile.ts"
import { openStream } from "./openStream.ts"
import type { Open, OpenSource, Source } from "./Source.ts"

/** Opens whatever can be ingested; closed again with the scope. */
export const openSource = (source: Source): Open => {
  if (typeof source === "string") return openFile(source)
  if (source instanceof Uint8Array) return Effect.succeed(ofBytes(source))
  if (source instanceof ArrayBuffer) return Effect.succeed(ofBytes(new Uint8Array(source)))
  if (source instanceof Blob) return Effect.succeed(ofBlob(source))
  if (source instanceof Response) return ofResponse(source)
  if (Symbol.asyncIterator in source) return openStream(source, {})
  if (source instanceof ReadableStream) return openStream(values(source), {})
  if (typeof source.text === "string") return Effect.succeed(ofText(source.text, source.mediaType))
  return Effect.fail(new SourceUnreadable({ source: "The value", reason: "it is none of the kinds of sources" }))
}

const ofBytes = (bytes: Uint8Array): OpenSource => ({
  name: undefined,
  size: bytes.byteLength,
  read: (offset, length) => {
    const piece = bytes.subarray(offset, offset + length)
    return Effect.succeed({ bytes: piece, last: offset + piece.byteLength >= bytes.byteLength })
  }
})

const ofText = (text: string, mediaType = "text/plain"): OpenSource => ({
  ...ofBytes(new TextEncoder().encode(text)),
  name: { "text/plain": "text.txt", "text/markdown": "text.md", "text/html": "text.html" }[mediaType]
})

const ofBlob = (blob: Blob): OpenSource => {
  const name = "name" in blob && typeof blob.name === "string" && blob.name !== "" ? blob.name : undefined
  return {
    name,
    size: blob.size,
    read: (offset, length) =>
      Effect.tryPromise({
        try: () => blob.slice(offset, offset + length).arrayBuffer(),
        catch: (cause) => new SourceUnreadable({ source: name ?? "The blob", reason: reasonOf(cause) })
      }).pipe(Effect.map((buffer) => ({
        bytes: new Uint8Array(buffer),
        last: offset + buffer.byteLength >= blob.size
      })))
  }
}

const ofResponse = (response: Response): Open => {
  const name = response.url === "" ? undefined : nameIn(response.url)
  if (!response.ok) {
    const reason = `the response says ${response.status} ${response.statusText}`.trim()
    return Effect.fail(new SourceUnreadable({ source: response.url || "The response", reason }))
  }
  if (response.body === null) return Effect.succeed({ ...ofBytes(new Uint8Array()), name })
  // The header counts the bytes on the wire; a compressed body has more.
  const length = response.headers.has("content-encoding") ? null : response.headers.get("content-length")
  const size = length !== null && /^[0-9]+$/.test(length) ? Number(length) : undefined
  return openStream(values(response.body), { name, size })
}

const nameIn = (url: string): string | undefined => {
  const last = new URL(url).pathname.split("/").findLast((part) => part !== "")
  if (last === undefined) return undefined
  try {
    return decodeURIComponent(last)
  } catch {
    return last
  }
}

/** Not every browser can iterate a stream by itself. */
const values = (stream: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> => ({
  [Symbol.asyncIterator]: () => {
    const reader = stream.getReader()
    return {
      next: () => reader.read() as Promise<IteratorResult<Uint8Array>>,
      return: async () => {
        await reader.cancel()
        return { done: true, value: undefined }
      }
    }
  }
})

export const reasonOf = (cause: unknown): string => cause instanceof Error ? cause.message : String(cause)
