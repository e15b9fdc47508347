import { NodeServices } from "@effect/platform-node"
import { Layer, Option } from "effect"
import * as Path from "node:path"
import * as FolderBlobs from "./blobs/folder.ts"
import * as BundledEmbedder from "./embedding/bundled.ts"
import * as DatabaseFeed from "./feed/database.ts"
import * as Repos from "./repos/Repos.ts"
import * as Pgvector from "./search/pgvector.ts"
import type { Settings } from "./settings.ts"
import * as InProcessSignals from "./signals/inProcess.ts"
import { migrate } from "./sql/migrate.ts"
import * as Pglite from "./sql/pglite.ts"
import * as Postgres from "./sql/postgres.ts"

const database = ({ databaseUrl, home }: Settings) =>
  Option.match(databaseUrl, {
    // The embedded database is migrated when it starts; a server's by command.
    onNone: () =>
      Layer.effectDiscard(migrate()).pipe(
        Layer.provide(NodeServices.layer),
        Layer.provideMerge(Pglite.layer({ home }))
      ),
    onSome: (url) => Postgres.layer({ url })
  })

/** The embedder alone, for programs that need nothing else. */
export const embedder = (chosen: Settings) =>
  BundledEmbedder.layer(
    Option.match(chosen.embedderThreads, { onNone: () => ({}), onSome: (threads) => ({ threads }) })
  )

/** The one place where configuration selects implementations: every port and repository, ready for server and worker. */
export const layer = (chosen: Settings) => {
  const sql = database(chosen)
  const blobs = FolderBlobs.layer({ root: Path.join(chosen.home, "blobs") })
  const stored = Layer.mergeAll(Repos.layer, Pgvector.layer).pipe(
    Layer.provideMerge(Layer.mergeAll(InProcessSignals.layer, sql))
  )
  const feed = Layer.provideMerge(DatabaseFeed.layer, stored)
  return Layer.mergeAll(feed, blobs, embedder(chosen))
}
