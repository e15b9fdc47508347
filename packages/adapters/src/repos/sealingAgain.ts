import { Effect } from "effect"
import type { NoSecretKey, Sealed, SecretBox, SecretUnreadable } from "../secrets/Secrets.ts"
import { expiryPage } from "./rows.ts"

/** A table of sealed secrets, of any tenant. */
export interface SealedTable<Row extends { readonly sealed: Sealed }> {
  /** Up to so many that another key than this one has sealed, in an order of their own, after that one. */
  readonly stale: (keyId: string, after: Row | undefined, limit: number) => Effect.Effect<ReadonlyArray<Row>>
  /** Whose secret it is, as it was sealed. */
  readonly ownerOf: (row: Row) => ReadonlyArray<string>
  /** The same for people who read the log. */
  readonly nameOf: (row: Row) => string
  /** Only if nobody has changed it meanwhile. */
  readonly replace: (row: Row, sealed: Sealed) => Effect.Effect<void>
}

/**
 * Seals what another key has sealed with the newest one, page by page. One that cannot be opened stays as it is: its key may come back.
 * Answers how many it looked at.
 */
export const sealingAgain = <Row extends { readonly sealed: Sealed }>(
  box: SecretBox,
  { nameOf, ownerOf, replace, stale }: SealedTable<Row>
): Effect.Effect<number> => {
  const again = (row: Row) =>
    box.open(row.sealed, ownerOf(row)).pipe(
      Effect.flatMap((secret) => box.seal(secret, ownerOf(row))),
      Effect.flatMap((sealed) => replace(row, sealed)),
      Effect.catch((error: NoSecretKey | SecretUnreadable) =>
        Effect.logWarning(`${nameOf(row)} stays as it is: ${error.message}`)
      )
    )
  return Effect.gen(function*() {
    if (box.keyId === undefined) return 0
    let looked = 0
    // What stays as it is must not keep the others from their turn.
    for (let last: Row | undefined;;) {
      const page = yield* stale(box.keyId, last, expiryPage)
      yield* Effect.forEach(page, again, { discard: true })
      looked += page.length
      if (page.length < expiryPage) return looked
      last = page.at(-1)
    }
  })
}
