import * as Adapters from "@sheaf/adapters/Adapters"
import type { Settings } from "@sheaf/adapters/settings"
import { DependencyDown } from "@sheaf/adapters/settings/Problem"
import { Effect, Exit, Layer, Schedule, Scope } from "effect"

/** From half a second to ten between two attempts. */
const apart = Schedule.min([Schedule.exponential("500 millis", 1.5), Schedule.spaced("10 seconds")])

/** What an operator reads of what does not answer. */
const named = ({ problems }: DependencyDown) => problems.map(({ about, what }) => `${about}: ${what}`).join("; ")

/**
 * The adapters of a process that is started together with what it needs, by a supervisor that knows no order: as long as all that stands in
 * the way is that something does not answer, it says what it waits for and tries again, for `SHEAF_START_WAIT`. What answers and
 * refuses (a wrong password, a database that is not migrated) ends the start at once.
 */
export const reachable = (settings: Settings, role: Parameters<typeof Adapters.layer>[1]) =>
  Layer.effectContext(Effect.gen(function*() {
    const scope = yield* Effect.scope
    let told = ""
    const attempt = Effect.gen(function*() {
      // Whatever an attempt has opened is closed with it, and nothing of it is taken for built by the next one.
      const own = yield* Scope.fork(scope)
      const memoMap = yield* Layer.makeMemoMap
      return yield* Layer.buildWithMemoMap(Adapters.layer(settings, role), memoMap, own).pipe(
        Effect.onExit((exit) => Exit.isFailure(exit) ? Scope.close(own, exit) : Effect.void)
      )
    })
    const tell = (error: DependencyDown) =>
      Effect.suspend(() => {
        const now = named(error)
        if (now === told) return Effect.void
        told = now
        return Effect.logWarning(`waits for ${now}`)
      })
    return yield* attempt.pipe(
      Effect.tapErrorTag("DependencyDown", tell),
      Effect.retry({
        schedule: apart.pipe(Schedule.upTo({ duration: settings.startWait })),
        while: (error) => error instanceof DependencyDown
      })
    )
  }))
