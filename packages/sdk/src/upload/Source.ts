import type { Effect, Scope } from "effect"
import type { SourceUnreadable } from "../errors/client.ts"

/** Text and its markup. Up to 1 MiB of it goes without an upload. */
export interface TextSource {
  readonly text: string
  readonly mediaType?: "text/plain" | "text/markdown" | "text/html" | undefined
}

/**
 * What can be ingested. Nothing is held in memory whole: files are read piece by piece, and of a stream only the piece that is
 * on its way is kept, so that it can be sent again.
 * - a string is the path of a file (in Node)
 * - a `File`, a `Blob`, bytes
 * - a stream of bytes: a `ReadableStream`, a stream of Node, anything that can be iterated; of a `Response`, its body
 * - `{ text }`
 */
export type Source =
  | string
  | Blob
  | Uint8Array
  | ArrayBuffer
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>
  | Response
  | TextSource

/** A piece of a source. `last`: the source is known to end with it. */
export interface Piece {
  readonly bytes: Uint8Array
  readonly last: boolean
}

/** A source that is open for reading. */
export interface OpenSource {
  /** Its own name, if it has one. */
  readonly name: string | undefined
  /** Bytes, where known beforehand. */
  readonly size: number | undefined
  /**
   * Up to `length` bytes from `offset` on. A stream gives pieces in order, and may go back no further than to the start of
   * the newest one.
   */
  readonly read: (offset: number, length: number) => Effect.Effect<Piece, SourceUnreadable>
}

export type Open = Effect.Effect<OpenSource, SourceUnreadable, Scope.Scope>
