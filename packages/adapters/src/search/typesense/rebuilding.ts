import { Effect, Stream } from "effect"
import type { Engine } from "./Engine.ts"
import type { Failure } from "./Failure.ts"
import { importLines } from "./importing.ts"
import type { Options } from "./options.ts"
import { lineOf, makeFacts, type Source, sourceOfLine } from "./record.ts"
import { makeAverages } from "./statistics.ts"

/** Records read before they are written. */
const page = 500

/** Makes the records of one collection anew in another one that has other fields; what is there already is newer, and left alone. */
export const copy = (
  engine: Engine,
  options: Options,
  { from, to }: { readonly from: string; readonly to: string }
): Effect.Effect<void, Failure> => {
  const averages = makeAverages(engine)
  const facts = makeFacts()
  const write = Effect.fnUntraced(function*(sources: ReadonlyArray<Source>) {
    const lines = yield* Effect.forEach(sources, (source) =>
      Effect.map(
        averages(from, source.tenant, source.dataset, []),
        (averageLength) => lineOf(source, averageLength, facts)
      ))
    yield* importLines(engine, options, { collection: to, action: "create", lines })
  })
  return engine.exportLines(from).pipe(
    Stream.mapEffect(sourceOfLine),
    Stream.grouped(page),
    Stream.runForEach(write)
  )
}
