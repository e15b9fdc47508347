import { Effect, Exit } from "effect"

/** A place for one item, for one reader: what comes before the last one was taken takes its place. */
export interface Latest<A, E> {
  readonly put: (item: A) => void
  /** An item that was put before is still given. */
  readonly end: (exit: Exit.Exit<unknown, E>) => void
  /** Waits for an item; `undefined` after a good end. */
  readonly take: Effect.Effect<ReadonlyArray<A> | undefined, E>
}

export const makeLatest = <A, E>(): Latest<A, E> => {
  let item: ReadonlyArray<A> | undefined
  let ended: Exit.Exit<unknown, E> | undefined
  let wake: (() => void) | undefined

  const taken = (): Effect.Effect<ReadonlyArray<A> | undefined, E> | undefined => {
    const found = item
    item = undefined
    if (found !== undefined) return Effect.succeed(found)
    return ended && Exit.asVoid(ended).pipe(Effect.as(undefined))
  }
  return {
    put: (next) => {
      item = [next]
      wake?.()
    },
    end: (exit) => {
      ended = exit
      wake?.()
    },
    take: Effect.callback((resume) => {
      wake = () => {
        const result = taken()
        if (result === undefined) return
        wake = undefined
        resume(result)
      }
      wake()
      return Effect.sync(() => {
        wake = undefined
      })
    })
  }
}
