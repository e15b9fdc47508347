import type { Element } from "@sheaf/domain/documents/Element"
import { Effect, Stream } from "effect"
import type { CountTokens, LimitTooSmall, SegmentDraft } from "../Chunker.ts"
import type { Atom } from "./Atom.ts"
import { fit, type Lay } from "./fit.ts"
import type { Group } from "./Group.ts"
import { makeAtoms } from "./makeAtoms.ts"
import type { Sizes } from "./Sizes.ts"

/** Puts atoms together, one after the other, and gives the segments that are complete. */
export interface Packer {
  readonly push: (atom: Atom) => ReadonlyArray<ReadonlyArray<Atom>>
  readonly end: () => ReadonlyArray<ReadonlyArray<Atom>>
  readonly lay: Lay
}

/** Makes drafts of the segments that a packer has given. */
export type Finish<E> = (
  segments: ReadonlyArray<ReadonlyArray<Atom>>
) => Effect.Effect<ReadonlyArray<SegmentDraft>, E>

interface Options<E> {
  readonly countTokens: CountTokens<E>
  readonly makePacker: (sizes: Sizes) => Packer
  /** Default: each segment as the packer lays it, cut once more where it comes out too long. */
  readonly makeFinish?: (sizes: Sizes, packer: Packer) => Finish<E>
}

/** Elements are worked on in batches of about so many UTF-16 units: few calls to the tokenizer, little memory. */
const unitsPerBatch = 131_072
const elementsPerBatch = 2_048

/** Atoms between two yields to other work. */
const atomsPerTurn = 512

/** The way from elements to segments that all chunkers go: atoms, counted in batches; packed; counted again as they will be embedded. */
export const packed = <E, E2>(
  elements: Stream.Stream<Element, E>,
  options: Options<E2> & { readonly sizes: Effect.Effect<Sizes, E2> }
): Stream.Stream<SegmentDraft, E | E2 | LimitTooSmall> =>
  Stream.unwrap(Effect.map(options.sizes, (sizes) => {
    const end = null
    return elements.pipe(
      Stream.map((element): Element | null => element),
      Stream.concat(Stream.succeed(end)),
      Stream.mapAccumArrayEffect(() => makeLine(sizes, options), (line, arrived) =>
        Effect.map(line(arrived), (drafts) => [line, drafts] as const))
    )
  }))

const finishAsLaid = <E>(sizes: Sizes, { lay }: Packer, countTokens: CountTokens<E>): Finish<E> => {
  let before: ReadonlyArray<Atom> = []
  return (segments) => {
    const groups = segments.map((atoms): Group => {
      const group = lay(atoms, before)
      before = atoms
      return group
    })
    return Effect.map(fit(groups, { sizes, countTokens, lay }), (fitted) => fitted.map(({ draft }) => draft))
  }
}

const makeLine = <E>(sizes: Sizes, { countTokens, makeFinish, makePacker }: Options<E>) => {
  const packer = makePacker(sizes)
  const finish = makeFinish?.(sizes, packer) ?? finishAsLaid(sizes, packer, countTokens)
  let batch: Array<Element> = []
  let units = 0

  const work = Effect.fnUntraced(function*(isEnd: boolean) {
    const drafts: Array<SegmentDraft> = []
    const use = Effect.fnUntraced(function*(atoms: ReadonlyArray<Atom>) {
      for (let from = 0; from < atoms.length; from += atomsPerTurn) {
        const segments = atoms.slice(from, from + atomsPerTurn).flatMap(packer.push)
        for (const draft of yield* finish(segments)) drafts.push(draft)
        yield* Effect.yieldNow
      }
    })
    yield* makeAtoms(batch, { sizes, countTokens, use })
    batch = []
    units = 0
    if (isEnd) { for (const draft of yield* finish(packer.end())) drafts.push(draft) }
    return drafts
  })

  /** `null` is the end of the document. */
  return Effect.fnUntraced(function*(arrived: ReadonlyArray<Element | null>) {
    const drafts: Array<SegmentDraft> = []
    for (const element of arrived) {
      if (element !== null) {
        batch.push(element)
        units += element.text.length
      }
      if (element === null || units >= unitsPerBatch || batch.length >= elementsPerBatch) {
        for (const draft of yield* work(element === null)) drafts.push(draft)
      }
    }
    return drafts
  })
}
