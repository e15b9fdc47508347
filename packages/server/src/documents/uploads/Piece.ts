import type { BadRequest } from "@sheaf/domain/edge/errors"
import type { Sha256, UploadId } from "@sheaf/domain/ids"
import type { Stream } from "effect"
import type { Arrival } from "../Arrivals.ts"

/** Fails where the client breaks off. */
type Body = Stream.Stream<Uint8Array, BadRequest>

/** A piece of an upload as it comes in. */
export interface Piece {
  readonly uploadId: UploadId
  /** Where it begins; must be where the upload stands. */
  readonly offset: number
  /** Bytes, when the client says so beforehand. */
  readonly length: number | undefined
  /** Nothing comes after it. */
  readonly isLast: boolean
  readonly bytes: Body
}

/** A document that comes in one request. */
export interface Whole extends Arrival {
  readonly length: number | undefined
  readonly sha256?: Sha256
  readonly idempotencyKey?: string
  readonly bytes: Body
}
