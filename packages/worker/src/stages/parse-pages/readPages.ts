import { type BlobOwner, BlobStore, elementsKey } from "@sheaf/adapters/blobs/BlobStore"
import { HistoryRepo } from "@sheaf/adapters/repos/runs/HistoryRepo"
import type { Element } from "@sheaf/domain/documents/Element"
import { explain } from "@sheaf/domain/documents/FailureCause"
import { Effect, Option, Stream } from "effect"
import type { JailInput } from "../../parsing/jail/ParserJail.ts"
import type { ParseWarning } from "../../parsing/Parser.ts"
import { RenderJail } from "../../parsing/render/RenderJail.ts"
import { assetLine, elementLine, encodeLines, readAssets, readElements } from "@sheaf/adapters/blobs/elements"
import { ofBlobs } from "../failures.ts"
import { recognisedArtefactOf } from "./artefact.ts"

/** Elements of a range, under the name of what they were made from, and what was left out. */
export interface Artefact {
  readonly artefact: string
  /** As they are stored: JSON. */
  readonly warnings: ReadonlyArray<string>
}

/**
 * Reads pages by looking at them: those for which the parser has found no text. What is read is kept with the rest of the range under
 * another name, so that a parse is good for any language. A page that cannot be read costs that page only.
 */
export const readPages = Effect.gen(function*() {
  const blobs = yield* BlobStore
  const history = yield* HistoryRepo
  const render = yield* RenderJail

  const readOne = (input: JailInput, page: number) =>
    render.recognise(input, page).pipe(
      Effect.map(({ blank, elements }) => ({
        elements,
        warning: blank || elements.length > 0 ? undefined : "it has no text, and none was recognised on it"
      })),
      Effect.catchTag("ParseRejected", ({ cause }) =>
        Effect.succeed({
          elements: [],
          warning: `it has no text, and could not be looked at: ${explain(cause).message}`
        }))
    )

  const read = Effect.fn("readPages")(function*(
    owner: BlobOwner,
    parsed: Artefact,
    input: JailInput,
    pages: ReadonlyArray<number>
  ) {
    const artefact = recognisedArtefactOf(parsed.artefact, render.languages)
    const blob = elementsKey(owner, artefact)
    const existing = yield* blobs.size(blob).pipe(Effect.mapError(ofBlobs))
    if (Option.isSome(existing)) {
      return { artefact, warnings: yield* history.warningsOf(owner.tenantId, owner.documentId, artefact) }
    }
    const found: Array<Element> = []
    const warnings: Array<ParseWarning> = []
    for (const page of pages) {
      const { elements, warning } = yield* readOne(input, page)
      found.push(...elements)
      if (warning !== undefined) warnings.push({ page, detail: warning })
    }
    const assets = yield* readAssets(blobs, owner, parsed.artefact).pipe(Effect.mapError(ofBlobs))
    const lines = Stream.fromIterable(assets.map(assetLine)).pipe(
      Stream.concat(withFound(readElements(blobs, owner, [parsed.artefact]), found).pipe(Stream.map(elementLine)))
    )
    yield* blobs.put(blob, encodeLines(lines)).pipe(
      Effect.catchTag("BlobExists", () => Effect.void),
      Effect.mapError(ofBlobs)
    )
    return { artefact, warnings: [...parsed.warnings, ...warnings.map((warning) => JSON.stringify(warning))] }
  })

  return { read, languages: render.languages }
})

/** What was found on a page comes after everything else that begins on it or before. */
const withFound = <E>(
  elements: Stream.Stream<Element, E>,
  found: ReadonlyArray<Element>
): Stream.Stream<Element, E> => {
  const rest = [...found]
  const before = (page: number): ReadonlyArray<Element> => {
    const end = rest.findIndex((element) => pageOf(element) >= page)
    return rest.splice(0, end === -1 ? rest.length : end)
  }
  return elements.pipe(
    Stream.map((element) => [...before(pageOf(element)), element]),
    Stream.flattenIterable,
    Stream.concat(Stream.suspend(() => Stream.fromIterable(rest)))
  )
}

const pageOf = ({ boxes }: Element): number => boxes[0]?.page ?? 0
