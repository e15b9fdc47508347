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

/** Elements are worked on in batches of about so many UTF-16 units: few calls to the tokenizer, little memory. */
const unitsPerBatch = 131_072
const elementsPerBatch = 2_048

/** Atoms between two yields to other work. */
const atomsPerTurn = 512

/** The way from elements to segments that all chunkers go: atoms, counted in batches; packed; counted again as they will be embedded. */
export const packed = <E, E2>(
  elements: Stream.Stream<Element, E>,
  options: {
    readonly sizes: Effect.Effect<Sizes, E2>
    readonly countTokens: CountTokens<E2>
    readonly makePacker: (sizes: Sizes) => Packer
  }
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

const makeLine = <E>(
  sizes: Sizes,
  options: { readonly countTokens: CountTokens<E>; readonly makePacker: (sizes: Sizes) => Packer }
) => {
  const { countTokens } = options
  const packer = options.makePacker(sizes)
  let batch: Array<Element> = []
  let units = 0
  let before: ReadonlyArray<Atom> = []

  const finish = (segments: ReadonlyArray<ReadonlyArray<Atom>>) => {
    const groups = segments.map((atoms): Group => {
      const group = packer.lay(atoms, before)
      before = atoms
      return group
    })
    return fit(groups, { sizes, countTokens, lay: packer.lay })
  }

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
