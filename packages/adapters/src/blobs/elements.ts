import type { BlobStore } from "./BlobStore.ts"
import { type BlobNotFound, type BlobOwner, type BlobStoreError, elementsKey } from "./BlobStore.ts"
import { NewAsset } from "../repos/documents/AssetsRepo.ts"
import { Element } from "@sheaf/domain/documents/Element"
import { Effect, Schema, Stream } from "effect"

const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(Element))

// An artefact also says which assets it is about, each in a line of its own before the first element that refers to it: who finds the
// artefact knows all that whoever parsed the document has found.
const AssetLine = Schema.fromJsonString(Schema.Struct({ asset: NewAsset }))
const decodeAsset = Schema.decodeUnknownEffect(AssetLine)
const assetStart = "{\"asset\":"

/** One line of an artefact. */
export const assetLine = (asset: NewAsset): string => `${assetStart}${JSON.stringify(asset)}}\n`
export const elementLine = (element: Element): string => `${JSON.stringify(element)}\n`

/** Lines as bytes, in pieces of some kilobytes. */
export const encodeLines = <E, R>(lines: Stream.Stream<string, E, R>): Stream.Stream<Uint8Array, E, R> =>
  lines.pipe(Stream.grouped(32), Stream.map((some) => some.join("")), Stream.encodeText)

const linesOf = (blobs: BlobStore["Service"], owner: BlobOwner, artefacts: ReadonlyArray<string>) =>
  Stream.fromIterable(artefacts).pipe(
    Stream.flatMap((artefact) =>
      blobs.get(elementsKey(owner, artefact)).pipe(
        Stream.decodeText(),
        Stream.splitLines,
        Stream.filter((line) => line !== "")
      )
    )
  )

/** The elements of the artefacts, one after the other; no more than a piece of one in memory. */
export const readElements = (
  blobs: BlobStore["Service"],
  owner: BlobOwner,
  artefacts: ReadonlyArray<string>
): Stream.Stream<Element, BlobStoreError | BlobNotFound> =>
  linesOf(blobs, owner, artefacts).pipe(
    Stream.filter((line) => !line.startsWith(assetStart)),
    // What we wrote ourselves and cannot read is a bug, not the document's fault.
    Stream.mapEffect((line) => Effect.orDie(decode(line)))
  )

/** The assets that an artefact is about. */
export const readAssets = (
  blobs: BlobStore["Service"],
  owner: BlobOwner,
  artefact: string
): Effect.Effect<ReadonlyArray<NewAsset>, BlobStoreError | BlobNotFound> =>
  linesOf(blobs, owner, [artefact]).pipe(
    Stream.filter((line) => line.startsWith(assetStart)),
    Stream.mapEffect((line) => Effect.map(Effect.orDie(decodeAsset(line)), ({ asset }) => asset)),
    Stream.runCollect
  )
