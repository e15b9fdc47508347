import { type Context, type Duration, Effect, Exit, Fiber } from "effect"

/** Between two looks at who has waited for too long: nobody is told sooner than promised, and at most so much later. */
const look: Duration.Input = "1 second"

interface Waiting {
  readonly since: number
  readonly end: () => void
}

/**
 * Bounds the time of effects, all to the same number of seconds, with one timer for all of them: a call costs a fiber, where a timeout of
 * its own costs two, and a timer. What takes longer is interrupted, and fails with `late` once it has ended.
 */
export const makePatience = Effect.fnUntraced(function*<Late>(seconds: number, late: () => Late) {
  // In the order of their ends, since all may take as long.
  const waiting = new Set<Waiting>()
  let passed = 0

  yield* Effect.sleep(look).pipe(
    Effect.andThen(Effect.sync(() => {
      passed++
      for (const one of waiting) {
        if (passed - one.since <= seconds) return
        waiting.delete(one)
        one.end()
      }
    })),
    Effect.forever,
    Effect.forkScoped
  )

  return <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | Late, R> =>
    Effect.contextWith((context: Context.Context<R>) =>
      Effect.callback<A, E | Late>((resume) => {
        let isLate = false
        const fiber = Effect.runForkWith(context)(effect)
        const one: Waiting = {
          since: passed,
          end: () => {
            isLate = true
            fiber.interruptUnsafe()
          }
        }
        waiting.add(one)
        fiber.addObserver((exit) => {
          waiting.delete(one)
          resume(isLate && Exit.hasInterrupts(exit) ? Effect.fail(late()) : exit)
        })
        return Fiber.interrupt(fiber)
      })
    )
})
