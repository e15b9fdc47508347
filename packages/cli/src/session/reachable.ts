import * as Adapters from "@sheaf/adapters/Adapters"
import { type Finding, Health } from "@sheaf/adapters/health/Health"
import type { Settings } from "@sheaf/adapters/settings"
import { DependencyDown, type Problem } from "@sheaf/adapters/settings/Problem"
import { HealthServer } from "@sheaf/server/HealthServer"
import { Effect, Exit, Layer, Ref, Schedule, Scope } from "effect"

/** From half a second to ten between two attempts. */
const apart = Schedule.min([Schedule.exponential("500 millis", 1.5), Schedule.spaced("10 seconds")])

/** Where somebody may ask how the process is, once it has started. */
interface Asked {
  readonly host: string
  readonly port: number
}

const findingOf = ({ about, part, remedy }: Problem): ReadonlyArray<Finding> =>
  part === undefined
    ? []
    : [{ name: part, active: about, ok: false, optional: false, detail: "does not answer", remedy }]

/** Answers at that place that the process lives and what it waits for, until it is closed. */
const waitingRoom = (asked: Asked, problems: Ref.Ref<ReadonlyArray<Problem>>) => {
  const report = Effect.map(
    Ref.get(problems),
    (all) => ({ status: "not ready", parts: all.flatMap(findingOf) } as const)
  )
  return HealthServer.layerWaiting(asked).pipe(
    Layer.provide(Layer.succeed(Health, { parts: [], report, drain: Effect.void }))
  )
}

/**
 * The adapters of a process that is started together with what it needs, by a supervisor that knows no order: as long as all that stands in
 * the way is that something does not answer, it says what it waits for and tries again, for `SHEAF_START_WAIT`. What answers and
 * refuses (a wrong password, a database that is not migrated) ends the start at once. Whoever looks at `asked` meanwhile is told
 * what is missing; a port that is chosen by the system is known to nobody yet.
 */
export const reachable = (settings: Settings, role: Parameters<typeof Adapters.layer>[1], asked: Asked | undefined) =>
  Layer.effectContext(Effect.gen(function*() {
    const scope = yield* Effect.scope
    const room = yield* Scope.fork(scope)
    const problems = yield* Ref.make<ReadonlyArray<Problem>>([])
    const attempt = Effect.gen(function*() {
      // Whatever an attempt has opened is closed with it, and nothing of it is taken for built by the next one.
      const own = yield* Scope.fork(scope)
      const memoMap = yield* Layer.makeMemoMap
      return yield* Layer.buildWithMemoMap(Adapters.layer(settings, role), memoMap, own).pipe(
        Effect.onExit((exit) => Exit.isFailure(exit) ? Scope.close(own, exit) : Effect.void)
      )
    })
    const wait = Effect.fnUntraced(function*({ problems: now }: DependencyDown) {
      const before = yield* Ref.getAndSet(problems, now)
      if (named(before) !== named(now)) yield* Effect.logWarning(`waits for ${named(now)}`)
      if (before.length > 0 || asked === undefined || asked.port === 0) return
      yield* Layer.buildWithScope(waitingRoom(asked, problems), room)
    })
    const context = yield* attempt.pipe(
      Effect.tapErrorTag("DependencyDown", wait),
      Effect.retry({
        schedule: apart.pipe(Schedule.upTo({ duration: settings.startWait })),
        while: (error) => error instanceof DependencyDown
      })
    )
    // The process itself listens there from now on.
    yield* Scope.close(room, Exit.void)
    return context
  }))

/** What an operator reads of what does not answer. */
const named = (problems: ReadonlyArray<Problem>) => problems.map(({ about, what }) => `${about}: ${what}`).join("; ")
