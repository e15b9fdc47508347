import { Effect } from "effect"
import { SourceUnreadable } from "../errors/client.ts"
import type { Open, Piece } from "./Source.ts"

/**
 * A stream of bytes, which can be read once. The newest piece is kept until the next one is asked for: if the connection is
 * lost, the upload goes on somewhere within it.
 */
export const openStream = (
  stream: AsyncIterable<Uint8Array>,
  options: { readonly name?: string | undefined; readonly size?: number | undefined }
): Open => {
  const unreadable = (reason: string) => new SourceUnreadable({ source: options.name ?? "The stream", reason })
  return Effect.gen(function*() {
    const iterator = yield* Effect.acquireRelease(
      Effect.sync(() => stream[Symbol.asyncIterator]()),
      // A stream that fails to close has nothing to say to somebody who is done with it.
      (iterator) => Effect.ignore(Effect.tryPromise(async () => iterator.return?.()))
    )
    let start = 0
    let kept: Piece = { bytes: new Uint8Array(), last: false }
    let rest: Uint8Array = new Uint8Array()

    const fill = async (length: number): Promise<Piece> => {
      const parts: Array<Uint8Array> = []
      let filled = 0
      let ended = false
      while (filled < length && !ended) {
        const part = rest.byteLength > 0 ? rest : await pull()
        ended = part === undefined
        const taken = part?.subarray(0, length - filled) ?? new Uint8Array()
        rest = part?.subarray(taken.byteLength) ?? rest
        filled += taken.byteLength
        parts.push(taken)
      }
      return { bytes: concat(parts, filled), last: ended }
    }
    const pull = async (): Promise<Uint8Array | undefined> => {
      const next = await iterator.next()
      if (next.done) return undefined
      if (!(next.value instanceof Uint8Array)) throw new TypeError("it gives something else than bytes")
      return next.value
    }

    return {
      name: options.name,
      size: options.size,
      read: (offset, length) => {
        const end = start + kept.bytes.byteLength
        if (offset < start) {
          return Effect.fail(unreadable("it would have to be read again from an earlier byte, and a stream cannot be"))
        }
        if (offset < end) return Effect.succeed({ bytes: kept.bytes.subarray(offset - start), last: kept.last })
        if (kept.last) return Effect.succeed({ bytes: new Uint8Array(), last: true })
        return Effect.tryPromise({
          try: () => fill(length),
          catch: (cause) => unreadable(cause instanceof Error ? cause.message : String(cause))
        }).pipe(Effect.tap((piece) =>
          Effect.sync(() => {
            start = offset
            kept = piece
          })
        ))
      }
    }
  })
}

/** One copy of each byte, and none when a piece came whole. */
const concat = (parts: ReadonlyArray<Uint8Array>, length: number): Uint8Array => {
  if (parts[0]?.byteLength === length) return parts[0]
  const bytes = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.byteLength
  }
  return bytes
}
