import { Effect, Option, Stream } from "effect"
import type { BlobKey, BlobStoreError } from "../BlobStore.ts"
import { listing } from "./listing.ts"
import { codeIn } from "./requests.ts"
import { checked, headOf, isAbsent, keyOf, mark, type Store } from "./Store.ts"

/** Deletions on their way at once. */
const concurrency = 16

/** Lists and removes. Removal believes no answer but an empty listing. */
export const makeRemoval = (store: Store, evict: (concerns: (key: BlobKey) => boolean) => Effect.Effect<void>) => {
  const { container, pageSize, requests } = store

  /** One page of the names that begin so; `uncommitted`: with those that have only blocks and no blob yet. */
  const page = (
    operation: string,
    prefix: string,
    options: { readonly after?: string | undefined; readonly uncommitted?: boolean } = {}
  ): Effect.Effect<{ readonly names: ReadonlyArray<string>; readonly next: string | undefined }, BlobStoreError> =>
    Effect.map(
      listing(store, operation, prefix, { pageSize, ...options }),
      ({ items, next }) => ({ names: items.map(({ name }) => name), next })
    )

  const list = (prefix: BlobKey): Stream.Stream<BlobKey, BlobStoreError> =>
    Stream.unwrap(Effect.as(
      checked("list", prefix),
      Stream.paginate<string | undefined, BlobKey, BlobStoreError>(undefined, (after) =>
        Effect.map(page("list", `${prefix}/`, { after }), ({ names, next }) =>
          [
            names.flatMap((name) =>
              Option.toArray(keyOf(name))
            ),
            Option.fromNullishOr(next)
          ] as const))
    ))

  const deleted = (name: string) =>
    requests.send(
      "removePrefix",
      (abortSignal) => container.getBlobClient(name).delete({ abortSignal, deleteSnapshots: "include" })
    ).pipe(
      Effect.as(true),
      Effect.catchIf(isAbsent, () => Effect.succeed(false))
    )

  /** Blocks that belong to no blob cannot be deleted: they are made an empty blob, which can. */
  const discardBlocks = Effect.fnUntraced(function*(name: string) {
    yield* requests.send(
      "removePrefix",
      (abortSignal) =>
        container.getBlockBlobClient(name).commitBlockList([], { abortSignal, conditions: { ifNoneMatch: "*" } })
    ).pipe(
      Effect.asVoid,
      Effect.catchIf((error) => codeIn(error) === "BlobAlreadyExists", () => Effect.void)
    )
    yield* deleted(name)
  })

  const removeOne = (name: string) =>
    Effect.flatMap(deleted(name), (wasThere) => wasThere ? Effect.void : discardBlocks(name))

  /** A page at a time, always the first one, until there is none. */
  const empty = (prefix: string) =>
    Effect.gen(function*() {
      let removed = 0
      while (true) {
        const { names, next } = yield* page("removePrefix", prefix, { uncommitted: true })
        yield* Effect.forEach(names, removeOne, { concurrency, discard: true })
        removed += names.length
        // An empty page with a continuation is the service's way of saying that it needs more time.
        if (names.length === 0 && next === undefined) return removed
      }
    })

  const removePrefix = Effect.fn("BlobStore.removePrefix")(function*(prefix: BlobKey) {
    yield* checked("removePrefix", prefix)
    yield* evict((key) => key === prefix || key.startsWith(`${prefix}/`))
    // Not all names that begin so: `a/b` is no part of `a/bc`.
    const itself = Option.isSome(yield* headOf(store, "removePrefix", prefix)) ? 1 : 0
    if (itself > 0) yield* removeOne(prefix)
    return itself + (yield* empty(`${prefix}${mark}`)) + (yield* empty(`${prefix}/`))
  })

  return { list, removePrefix }
}
