import type { BlobStore } from "@sheaf/adapters/blobs/BlobStore"
import { type BlobNotFound, type BlobOwner, type BlobStoreError, elementsKey } from "@sheaf/adapters/blobs/BlobStore"
import { Element } from "@sheaf/domain/documents/Element"
import { Effect, Schema, Stream } from "effect"

const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(Element))

/** Elements as NDJSON, in pieces of some kilobytes. */
export const encodeElements = <E, R>(elements: Stream.Stream<Element, E, R>): Stream.Stream<Uint8Array, E, R> =>
  elements.pipe(
    Stream.map((element) => `${JSON.stringify(element)}\n`),
    Stream.grouped(32),
    Stream.map((lines) => lines.join("")),
    Stream.encodeText
  )

/** The elements of the artefacts, one after the other; no more than a piece of one in memory. */
export const readElements = (
  blobs: BlobStore["Service"],
  owner: BlobOwner,
  artefacts: ReadonlyArray<string>
): Stream.Stream<Element, BlobStoreError | BlobNotFound> =>
  Stream.fromIterable(artefacts).pipe(
    Stream.flatMap((artefact) =>
      blobs.get(elementsKey(owner, artefact)).pipe(
        Stream.decodeText(),
        Stream.splitLines,
        Stream.filter((line) => line !== ""),
        // What we wrote ourselves and cannot read is a bug, not the document's fault.
        Stream.mapEffect((line) => Effect.orDie(decode(line)))
      )
    )
  )
