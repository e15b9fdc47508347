import { Effect, Schema, Stream } from "effect"
import type { Engine } from "../Engine.ts"
import { type Failure, malformed } from "../Failure.ts"
import { importLines } from "./importing.ts"
import type { Options } from "../options.ts"
import { lineOf, makeFacts, type Source, sourceOfLine } from "../fields/record.ts"
import { catchUp, removeMatching } from "./removal.ts"
import { idsAtOnce } from "../reading/scope.ts"
import { checked, makeAverages } from "../reading/statistics.ts"

/** Records read before they are written. */
const page = 500

/** Hits of one search; the server gives 250. */
const hitsAtOnce = 250

const WithId = Schema.Struct({ id: Schema.String })
const decodeWithId = Schema.decodeUnknownEffect(Schema.fromJsonString(WithId))
const Hits = Schema.Struct({ hits: Schema.Array(Schema.Struct({ document: WithId })) })
const decodeHits = Schema.decodeUnknownEffect(Hits)

const slicesOf = <A>(all: ReadonlyArray<A>, size: number): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))

/** Those of the ids that a collection has. */
export const having = Effect.fnUntraced(function*(engine: Engine, collection: string, ids: ReadonlyArray<string>) {
  if (ids.length === 0) return new Set<string>()
  const results = yield* engine.multiSearch(
    slicesOf(ids, hitsAtOnce).map((some) => ({
      collection,
      q: "*",
      filter_by: `id:=[${some.join(",")}]`,
      per_page: hitsAtOnce,
      include_fields: "id"
    }))
  )
  const pages = yield* Effect.forEach(results, (result) =>
    Effect.flatMap(
      checked(result),
      (answer) => Effect.mapError(decodeHits(answer), () => malformed("a list of ids"))
    ))
  return new Set(pages.flatMap(({ hits }) => hits.map(({ document }) => document.id)))
})

const lacking = (engine: Engine, collection: string, ids: ReadonlyArray<string>) =>
  Effect.map(having(engine, collection, ids), (present) => ids.filter((id) => !present.has(id)))

interface Copying {
  readonly from: string
  readonly to: string
}

/** Drops copies that have no original any more. What has been written since it was copied is no copy. */
const dropThose = Effect.fnUntraced(
  function*(engine: Engine, options: Options, { from, ids, to }: Copying & { readonly ids: ReadonlyArray<string> }) {
    const suspects = yield* lacking(engine, from, ids)
    if (suspects.length === 0) return
    yield* catchUp(engine, options, from)
    const orphans = yield* lacking(engine, from, suspects)
    yield* Effect.forEach(
      slicesOf(orphans, idsAtOnce),
      (some) => removeMatching(engine, options, to, `(id:=[${some.join(",")}]) && (copied:=true)`),
      { discard: true }
    )
  }
)

/** Drops all copies whose originals have been removed. */
export const dropLacking = (engine: Engine, options: Options, { from, to }: Copying): Effect.Effect<void, Failure> =>
  engine.exportLines(to, { filter_by: "copied:=true", include_fields: "id" }).pipe(
    Stream.mapEffect((line) => Effect.mapError(decodeWithId(line), () => malformed("an id"))),
    Stream.grouped(page),
    Stream.runForEach((some) => dropThose(engine, options, { from, to, ids: some.map(({ id }) => id) }))
  )

/** Makes the records of one collection anew in another one that has other fields; what is there already is newer, and left alone. */
export const copy = (
  engine: Engine,
  options: Options,
  { from, to }: Copying
): Effect.Effect<void, Failure> => {
  const averages = makeAverages(engine)
  const facts = makeFacts()
  const write = Effect.fnUntraced(function*(sources: ReadonlyArray<Source>) {
    const lines = yield* Effect.forEach(sources, (source) =>
      Effect.map(
        averages(from, source.tenant, source.dataset, []),
        (averageLength) => lineOf(source, averageLength, facts)
      ))
    yield* importLines(engine, options, {
      collection: to,
      action: "create",
      lines: lines.map((line) => `${line.slice(0, -1)},"copied":true}`)
    })
    // Somebody may have removed them from both while they were on their way.
    yield* dropThose(engine, options, { from, to, ids: sources.map(({ id }) => id) })
  })
  return engine.exportLines(from).pipe(
    Stream.mapEffect(sourceOfLine),
    Stream.grouped(page),
    Stream.runForEach(write)
  )
}
