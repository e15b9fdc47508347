import { Cause, type Context, Data, Duration, Effect, Layer, Option, type Scope } from "effect"
import { type PartName, partNames } from "../health/Health.ts"
import { type BadConfiguration, type DependencyDown, type Problem, refusal } from "../settings/Problem.ts"
import { FolderInUse, FolderUnusable } from "../sql/FolderLock.ts"
import { explain } from "./explain.ts"

/** The data folder says itself what is wrong, and another process in it may be what is wanted. */
export type FolderProblem = FolderInUse | FolderUnusable

/** Why a process does not start. */
export type StartRefused = BadConfiguration | DependencyDown | FolderProblem

const isFolderProblem = (error: unknown): error is FolderProblem =>
  error instanceof FolderInUse || error instanceof FolderUnusable

/** A part that does not answer. */
class Silent extends Data.TaggedError("Silent")<{ readonly message: string }> {}

/** Longer than any server takes that is worth starting with. */
const patience = Duration.seconds(20)

/** Parts that start beside each other, so that one start finds out about all of them. */
export class Attempts {
  readonly problems: Array<Problem> = []
  folder: FolderProblem | undefined

  /** Starts a part: `None` when it does not start, and why is kept. */
  readonly start = <A, E>(
    part: PartName,
    layer: Layer.Layer<A, E>
  ): Effect.Effect<Option.Option<Context.Context<A>>, never, Scope.Scope> => this.check(part, Layer.build(layer))

  /** The same for a part that is a server: one that is silent is one that does not answer. */
  readonly reach = <A, E>(part: PartName, layer: Layer.Layer<A, E>) =>
    this.check(
      part,
      Effect.timeoutOrElse(Layer.build(layer), {
        duration: patience,
        orElse: () => Effect.fail(new Silent({ message: `no answer within ${Duration.format(patience)}` }))
      })
    )

  /** The same for an effect. */
  readonly check = <A, E, R>(
    part: PartName,
    effect: Effect.Effect<A, E, R>
  ): Effect.Effect<Option.Option<A>, never, R> =>
    Effect.catchCause(Effect.asSome(effect), (cause) => {
      if (Cause.hasInterruptsOnly(cause)) return Effect.interrupt
      const error = Cause.squash(cause)
      if (isFolderProblem(error)) this.folder ??= error
      else this.problems.push(explain(part, error))
      return Effect.as(Effect.logDebug(`${part} did not start`, cause), Option.none<A>())
    })

  /** What was started, if nothing stands in the way of any part; else all that does. */
  readonly settle = <A>(started: Option.Option<A>): Effect.Effect<A, StartRefused> =>
    this.folder !== undefined
      ? Effect.fail(this.folder)
      : Option.isNone(started) || this.problems.length > 0
      ? Effect.fail(refusal(this.problems.toSorted((a, b) => placeOf(a) - placeOf(b))))
      : Effect.succeed(started.value)
}

/** Problems are told in the order of the parts, whichever was found first. */
const placeOf = ({ part }: Problem): number => part === undefined ? -1 : partNames.indexOf(part)
