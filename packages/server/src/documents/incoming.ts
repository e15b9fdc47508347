import { supportedFormats, unreadable } from "@sheaf/adapters/formats/unreadable"
import { UnsupportedFormat, type UploadTooLarge } from "@sheaf/domain/documents/errors"
import { Effect, Stream } from "effect"

// What is checked of bytes while they come in.

/** Fails with the first byte over the limit, before it is handed on. */
export const bounded = <E>(
  bytes: Stream.Stream<Uint8Array, E>,
  limit: number,
  error: UploadTooLarge
): Stream.Stream<Uint8Array, E | UploadTooLarge> =>
  bytes.pipe(
    Stream.mapAccumEffect(() => 0, (total, chunk: Uint8Array) => {
      const next = total + chunk.length
      return next > limit ? Effect.fail(error) : Effect.succeed([next, [chunk]] as const)
    })
  )

/** Fails where the first bytes are certainly of nothing that can be read: nobody has to send the rest. */
export const readable = <E>(
  bytes: Stream.Stream<Uint8Array, E>,
  name: string
): Stream.Stream<Uint8Array, E | UnsupportedFormat> =>
  bytes.pipe(
    Stream.mapAccumEffect(() => true, (isFirst, chunk: Uint8Array) => {
      const detectedType = isFirst ? unreadable(chunk, name) : null
      return detectedType === null
        ? Effect.succeed([chunk.length === 0 && isFirst, [chunk]] as const)
        : Effect.fail(new UnsupportedFormat({ detectedType, supported: supportedFormats }))
    })
  )
