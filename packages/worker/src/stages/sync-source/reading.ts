import type { NotionError } from "@sheaf/adapters/notion/errors"
import type { NotionPage } from "@sheaf/adapters/notion/model"
import type { NotionReader } from "@sheaf/adapters/notion/NotionApi"
import type { Known } from "@sheaf/adapters/repos/syncs/knownItem"
import type { SyncWork } from "@sheaf/adapters/repos/syncs/SyncsRepo"
import type { NewItem } from "@sheaf/adapters/repos/syncs/SyncTurnsRepo"
import { mustRead } from "@sheaf/domain/syncs/lookAt"
import { Clock, Effect, type Scope } from "effect"
import type { BadJob, TryAgain } from "../../pipeline/Stage.ts"
import { found } from "./found.ts"
import type { Snapshot } from "./snapshot.ts"
import { takingSnapshots } from "./takingSnapshots.ts"
import { type ItemTrouble, ofItem } from "./troubles.ts"

/** What a page says now. */
export interface Reading {
  readonly _tag: "Read"
  readonly page: NotionPage
  readonly snapshot: Snapshot
  /** When the reading began: what is edited meanwhile is read the next time. */
  readonly fetchedAt: Date
  /** What lies in it and is to be followed with it. */
  readonly more: ReadonlyArray<NewItem>
}

/** Reads an item, as far as it takes to know what has become of it. Writes nothing but a file of this machine, which goes with the scope. */
export const reading = Effect.gen(function*() {
  const snapshotOf = yield* takingSnapshots

  return Effect.fn("syncSource.read")(function*(
    reader: NotionReader,
    sync: SyncWork,
    known: Known
  ): Effect.fn.Return<Reading | { readonly _tag: "Same" } | ItemTrouble, TryAgain | BadJob, Scope.Scope> {
    const look = Effect.gen(function*() {
      const fetchedAt = new Date(yield* Clock.currentTimeMillis)
      const page = yield* reader.page(known.externalId)
      if (page.trashed) return { _tag: "Gone" } as const
      if (!mustRead(known, page.editedAt)) return { _tag: "Same" } as const
      const snapshot = yield* snapshotOf(reader, page)
      const more = yield* found(reader, sync, known, snapshot)
      return { _tag: "Read", page, snapshot, fetchedAt, more } as const
    })
    return yield* Effect.catchIf(look, isNotions, (error) => Effect.succeed(ofItem(error)))
  })
})

const isNotions = (error: NotionError | TryAgain | BadJob): error is NotionError =>
  error._tag !== "TryAgain" && error._tag !== "BadJob"
