import * as Adapters from "@sheaf/adapters/Adapters"
import { Health, type PartName, partNames } from "@sheaf/adapters/health/Health"
import { isAlone, type Settings } from "@sheaf/adapters/settings"
import type { Problem } from "@sheaf/adapters/settings/Problem"
import * as FolderLock from "@sheaf/adapters/sql/FolderLock"
import { describe } from "@sheaf/adapters/startup/describe"
import { otherSpaces } from "@sheaf/adapters/startup/otherSpaces"
import { Effect, Layer, Option } from "effect"

/** What was found out about one part. */
export interface Diagnosis {
  readonly name: string
  readonly status: "ok" | "warn" | "fail" | "unknown"
  readonly active: string
  readonly detail?: string | undefined
  readonly remedy?: string | undefined
}

interface Examination {
  readonly parts: ReadonlyArray<Diagnosis>
  readonly warnings: ReadonlyArray<string>
}

/** Starts every part as a process would, looks whether it works, and lets go of it again. */
export const examine = Effect.fn("examine")(
  function*(settings: Settings): Effect.fn.Return<Examination, FolderLock.FolderInUse | FolderLock.FolderUnusable> {
    const holder = isAlone(settings) ? yield* FolderLock.holder(settings.home) : Option.none()
    if (Option.isSome(holder)) return inUse(settings, holder.value)
    const looked = Effect.gen(function*() {
      const { report } = yield* Health
      const { parts } = yield* report
      return {
        parts: parts.map(({ active, detail, name, ok, optional, remedy }): Diagnosis => {
          const status = ok ? "ok" : optional ? "warn" : "fail"
          return { name, active, status, detail, remedy }
        }),
        warnings: yield* otherSpaces
      }
    })
    return yield* looked.pipe(
      Effect.provide(Layer.fresh(Adapters.layer(settings, "tool"))),
      Effect.catchTag(
        ["BadConfiguration", "DependencyDown"],
        ({ problems }) => Effect.succeed({ parts: refused(settings, problems), warnings: [] })
      )
    )
  }
)

/** The embedded profile has one process at a time; its own health says how it is. */
const inUse = (settings: Settings, { pid, url }: FolderLock.Holder): Examination => ({
  parts: [{
    name: "folder",
    status: "ok",
    active: settings.home,
    detail: `in use by process ${pid}` +
      (url === undefined ? ", which is starting" : `, which listens on ${url}: ask ${url}/health/ready`)
  }],
  warnings: []
})

/** What can be said when a process would not start. What depends on a part that failed was not looked at. */
const refused = (settings: Settings, problems: ReadonlyArray<Problem>): ReadonlyArray<Diagnosis> => {
  const active = describe(settings)
  const of = (name: PartName) => problems.find((problem) => problem.part === name)
  const onDatabase = (name: PartName) =>
    name === "migrations" || name === "search" && settings.search._tag === "Pgvector"
  return partNames.filter((name) => active[name] !== undefined || of(name) !== undefined).map((name) => {
    const problem = of(name)
    const unseen = of("database") !== undefined && onDatabase(name)
    return {
      name,
      active: active[name] ?? name,
      status: problem !== undefined ? "fail" : unseen ? "unknown" : "ok",
      detail: problem?.what,
      remedy: problem?.remedy
    }
  })
}
