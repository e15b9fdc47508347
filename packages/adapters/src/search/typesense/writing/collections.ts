import type { Space } from "@sheaf/domain/spaces/Space"
import { Effect, Fiber, Option, Schema, Semaphore } from "effect"
import type { Engine } from "../Engine.ts"
import { Failure, malformed } from "../Failure.ts"
import type { Options } from "../options.ts"
import { copy, dropLacking } from "./rebuilding.ts"
import { catchUp, pausesOf, type Place } from "./removal.ts"
import { Collection, fieldsOf, missingFields, schemaVersion, versionOf } from "../fields/schema.ts"

const Alias = Schema.Struct({ collection_name: Schema.String })
const decodeAlias = Schema.decodeUnknownEffect(Alias)
const decodeCollection = Schema.decodeUnknownEffect(Collection)

const orMissing = <A>(effect: Effect.Effect<A, Failure>): Effect.Effect<Option.Option<A>, Failure> =>
  effect.pipe(
    Effect.asSome,
    Effect.catchIf(({ status }) => status === 404, () => Effect.succeed(Option.none<A>()))
  )

/**
 * The collections of spaces, each behind an alias that names the one in use. Everything but this file speaks to the collection itself, so a
 * process of an older version cannot write into a newer one: it finds its own gone, looks again, and is told.
 */
export const make = Effect.fnUntraced(function*(engine: Engine, options: Options) {
  const known = new Map<string, string>()
  /** Spaces whose known collection is the only one. */
  const alone = new Set<string>()
  const builds = new Map<string, Fiber.Fiber<string, Failure>>()
  const starting = yield* Semaphore.make(1)
  const scope = yield* Effect.scope

  const nobody = `${options.collectionPrefix}-none`
  const aliasOf = ({ id }: Space) => `${options.collectionPrefix}-${id}`

  const target = (space: Space) =>
    orMissing(
      engine.manage((client) => client.aliases(aliasOf(space)).retrieve()).pipe(
        Effect.flatMap((answer) => Effect.mapError(decodeAlias(answer), () => malformed("an alias")))
      )
    )

  const read = (name: string) =>
    orMissing(
      engine.manage((client) => client.collections(name).retrieve()).pipe(
        Effect.flatMap((answer) => Effect.mapError(decodeCollection(answer), () => malformed("a collection")))
      )
    )

  /** The collection that the alias names and that is there. */
  const look = Effect.fnUntraced(function*(space: Space) {
    const alias = yield* target(space)
    return Option.isNone(alias) ? Option.none<Collection>() : yield* read(alias.value.collection_name)
  })

  /**
   * The same, by a server that has done all that it was told about aliases, about this collection and so about what follows from them.
   * An alias that is not there is taken away for that: the server has one queue for all aliases, and one for each collection.
   */
  const lookSurely = Effect.fnUntraced(function*(space: Space) {
    yield* Effect.retry(orMissing(engine.manage((client) => client.aliases(nobody).delete())), {
      schedule: pausesOf(options),
      while: ({ isOutage }) => isOutage
    })
    const alias = yield* target(space)
    if (Option.isNone(alias)) return Option.none<Collection>()
    const name = alias.value.collection_name
    return Option.isSome(yield* orMissing(catchUp(engine, options, name))) ? yield* read(name) : Option.none()
  })

  const create = Effect.fnUntraced(function*(space: Space) {
    const name = `${aliasOf(space)}-${schemaVersion}`
    const wanted = { name, fields: fieldsOf(space), metadata: { version: schemaVersion } }
    yield* engine.manage((client) => client.collections().create(wanted)).pipe(
      // Another process was first.
      Effect.catchIf(({ status }) => status === 409, () => Effect.void)
    )
    return name
  })

  const point = (space: Space, name: string) =>
    engine.manage((client) => client.aliases().upsert(aliasOf(space), { collection_name: name }))

  const addFields = Effect.fnUntraced(function*(space: Space, collection: Collection) {
    const missing = missingFields(collection, space)
    if (missing === undefined) {
      return yield* new Failure({
        status: 400,
        message: `the fields of collection ${collection.name} were changed by somebody else`
      })
    }
    if (missing.length === 0) return
    yield* engine.manage((client) => client.collections(collection.name).update({ fields: missing })).pipe(
      // Another process adds them: 400 where it has, 422 where it is about to.
      Effect.catchIf(
        ({ status }) => status === 400 || status === 422,
        (failure) =>
          Effect.flatMap(
            read(collection.name),
            (now) =>
              Option.isSome(now) && missingFields(now.value, space)?.length === 0
                ? Effect.void
                : Effect.fail(new Failure({ status: 503, message: failure.message }))
          )
      )
    )
  })

  /**
   * Builds the newer collection beside the older one, which serves until the alias is switched. Several processes may be at it, and
   * each can begin again at any point: a copy never overwrites.
   */
  const rebuild = Effect.fnUntraced(function*(space: Space, older: Collection) {
    yield* Effect.logInfo(`search index: rebuilding ${older.name} as version ${schemaVersion}`)
    const name = yield* create(space)
    yield* copy(engine, options, { from: older.name, to: name })
    yield* point(space, name)
    // What processes of the older version wrote since it was read, and what they removed.
    yield* copy(engine, options, { from: older.name, to: name })
    yield* dropLacking(engine, options, { from: older.name, to: name })
    yield* sweep(space)
    return name
  })

  const olderNames = (space: Space) =>
    Array.from({ length: schemaVersion }, (_, version) => `${aliasOf(space)}-${version}`)

  /** Drops what a build has replaced, its own or one that died before it came to that. By name: an alias would drop what it points to. */
  const sweep = (space: Space) =>
    Effect.forEach(
      olderNames(space),
      (name) => orMissing(engine.manage((client) => client.collections(name).delete())),
      { discard: true }
    )

  const build = Effect.fnUntraced(function*(space: Space) {
    const found = yield* lookSurely(space)
    if (Option.isNone(found)) {
      const name = yield* create(space)
      yield* point(space, name)
      return name
    }
    const version = versionOf(found.value)
    if (version > schemaVersion) return yield* new Failure({ status: 503, message: newer(found.value.name) })
    if (version < schemaVersion) return yield* rebuild(space, found.value)
    yield* addFields(space, found.value)
    yield* sweep(space)
    return found.value.name
  }, Effect.retry({ times: 3, while: isGone }))

  /** The collection to write to, made or brought up to date first. One build at a time, which goes on if its caller gives up. */
  const ensure = Effect.fnUntraced(function*(space: Space) {
    const name = known.get(space.id)
    if (name !== undefined) return name
    return yield* Fiber.join(yield* started(space))
  })

  const started = (space: Space) =>
    Effect.gen(function*() {
      const running = builds.get(space.id)
      if (running !== undefined) return running
      const done = Effect.sync(() => builds.delete(space.id))
      const fiber = yield* build(space).pipe(
        Effect.tap((name) => Effect.sync(() => known.set(space.id, name))),
        Effect.ensuring(done),
        Effect.interruptible,
        Effect.forkIn(scope)
      )
      builds.set(space.id, fiber)
      return fiber
    }).pipe(Effect.uninterruptible, starting.withPermits(1))

  /** The collection to read; none where nobody has written. An older one serves until it is replaced. */
  const find = Effect.fnUntraced(function*(space: Space) {
    const name = known.get(space.id)
    if (name !== undefined) return Option.some(name)
    yield* engine.trusted
    const seen = yield* look(space)
    const found = Option.isSome(seen) || (yield* engine.knowsAll) ? seen : yield* lookSurely(space)
    if (Option.isNone(found)) return Option.none<string>()
    const version = versionOf(found.value)
    if (version > schemaVersion) return yield* new Failure({ status: 503, message: newer(found.value.name) })
    if (version === schemaVersion) known.set(space.id, found.value.name)
    return Option.some(found.value.name)
  })

  /** All collections that may hold entries of the space, the oldest first: while one is built anew, there are two. */
  const everywhere = Effect.fnUntraced(function*(space: Space): Effect.fn.Return<ReadonlyArray<Place>, Failure> {
    const only = known.get(space.id)
    if (only !== undefined && alone.has(space.id)) return [{ collection: only, mayBeMissing: false }]
    const found = yield* lookSurely(space)
    if (Option.isNone(found)) return []
    const { name: used } = found.value
    const version = versionOf(found.value)
    if (version > schemaVersion) return yield* new Failure({ status: 503, message: newer(used) })
    if (version === schemaVersion) {
      const older = yield* Effect.forEach(olderNames(space), (name) => orMissing(catchUp(engine, options, name)))
      if (older.every(Option.isNone)) {
        known.set(space.id, used)
        alone.add(space.id)
        return [{ collection: used, mayBeMissing: false }]
      }
    }
    const names = new Set([...olderNames(space), used, `${aliasOf(space)}-${schemaVersion}`])
    return [...names].map((collection) => ({ collection, mayBeMissing: collection !== used }))
  })

  /** Runs on a collection; once more where it has been replaced in the meantime. */
  const on = <C, A, E>(
    resolve: Effect.Effect<C, E>,
    space: Space,
    run: (collection: C) => Effect.Effect<A, Failure | E>
  ): Effect.Effect<A, Failure | E> => {
    const once = Effect.flatMap(resolve, run)
    return Effect.catchIf(once, isGone, () =>
      Effect.andThen(
        Effect.sync(() => {
          known.delete(space.id)
          alone.delete(space.id)
        }),
        once
      ))
  }

  /** Whether the key may do what is needed here: one that may not is answered 401 whatever there is. */
  const check = Effect.asVoid(
    orMissing(engine.manage((client) => client.aliases(nobody).retrieve()))
  )

  return { check, ensure, everywhere, find, on }
})

const isGone = (failure: unknown): boolean => failure instanceof Failure && failure.isMissingCollection

const newer = (name: string) => `collection ${name} belongs to a newer version of Sheaf`
