import { Deferred, Effect, type Fiber, References } from "effect"

// What is to happen in one life of the process: where it dies or stands still. Every boundary between two effects is a point with a name,
// `EmbedSegments/embedder.embedDocuments#1:after`, that comes about by itself: who was at work, what it did, for the how many-th time.

/** How a life ends, or stops for a while. */
export type Plan =
  | { readonly _tag: "Record" }
  | { readonly _tag: "Crash"; readonly at: string }
  | { readonly _tag: "Freeze"; readonly at: string }

/** Where a point lies in its effect. */
export type Phase = "before" | "after" | "before-commit" | "after-commit"

/** One run of one effect, whose points share a number. */
export interface Occurrence {
  readonly origin: string
  readonly name: string
}

/** Who is at work: the stage of a job, the operation of a call, or something that runs by itself. */
const originOf = (fiber: Fiber.Fiber<unknown, unknown>): string => {
  const { stage } = fiber.getRef(References.CurrentLogAnnotations)
  return typeof stage === "string" ? stage : "Chore"
}

/** Lives on through one life; begun anew for each trial within it. */
export class Script {
  /** The points that were passed, in order. */
  passed: Array<string> = []
  /** Completes with the death. */
  readonly died: Deferred.Deferred<string> = Deferred.makeUnsafe()
  /** Completes when the life stands still. */
  readonly stood: Deferred.Deferred<string> = Deferred.makeUnsafe()
  /** Whoever is dead waits here, until nobody needs to look any more. */
  readonly #burial: Deferred.Deferred<void> = Deferred.makeUnsafe()
  readonly #thaw: Deferred.Deferred<void> = Deferred.makeUnsafe()
  #plan: Plan | undefined
  #counts = new Map<string, number>()
  #state: "alive" | "frozen" | "dead" | "buried" = "alive"
  readonly #onDeath: () => void

  constructor(onDeath: () => void) {
    this.#onDeath = onDeath
  }

  /** From now on points are counted from the start. */
  begin(plan: Plan | undefined) {
    this.#plan = plan
    this.#counts = new Map()
    this.passed = []
  }

  get isAlive(): boolean {
    return this.#state === "alive"
  }

  /** Nothing that this life does reaches anything any more. */
  die(at: string) {
    if (this.#state === "dead" || this.#state === "buried") return
    this.#state = "dead"
    this.#onDeath()
    Deferred.doneUnsafe(this.died, Effect.succeed(at))
  }

  /** Lets whoever waits in a dead life come to an end, so that its memory is free. */
  bury() {
    this.die("burial")
    this.#state = "buried"
    Deferred.doneUnsafe(this.#burial, Effect.void)
    Deferred.doneUnsafe(this.#thaw, Effect.void)
  }

  /** Lets a life that stood still go on as if nothing had happened. */
  thaw() {
    if (this.#state === "frozen") this.#state = "alive"
    Deferred.doneUnsafe(this.#thaw, Effect.void)
  }

  /** Passed by every effect on the outside before it happens. What is within a transaction goes on while the life stands still. */
  readonly gate = (isWithinTransaction = false): Effect.Effect<void> =>
    Effect.suspend(() => {
      switch (this.#state) {
        case "alive":
          return Effect.void
        case "frozen":
          return isWithinTransaction ? Effect.void : Effect.flatMap(Deferred.await(this.#thaw), () => this.gate())
        case "dead":
          return Effect.andThen(Deferred.await(this.#burial), Effect.die(new Error("this process is dead")))
        case "buried":
          return Effect.die(new Error("this process is dead"))
      }
    })

  /** Numbers an effect that is about to happen. */
  readonly occur = (what: string): Effect.Effect<Occurrence> =>
    Effect.withFiber((fiber) => {
      const origin = originOf(fiber)
      const kind = `${origin}/${what}`
      const count = (this.#counts.get(kind) ?? 0) + 1
      this.#counts.set(kind, count)
      return Effect.succeed({ origin, name: `${kind}#${count}` })
    })

  /** A boundary: the life may end or stop here. */
  readonly point = ({ name }: Occurrence, phase: Phase): Effect.Effect<void> =>
    Effect.suspend(() => {
      if (this.#state !== "alive") return this.gate(phase === "before-commit")
      const point = `${name}:${phase}`
      this.passed.push(point)
      const plan = this.#plan
      if (plan === undefined || plan._tag === "Record" || plan.at !== point) return Effect.void
      if (plan._tag === "Crash") {
        this.die(point)
        return this.gate()
      }
      this.#state = "frozen"
      Deferred.doneUnsafe(this.stood, Effect.succeed(point))
      return this.gate(phase === "before-commit")
    })
}
