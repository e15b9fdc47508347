import { Effect } from "effect"

/**
 * Waiting work in two lines: the urgent one is served first. Whoever became idle last is served first, so that with little work the
 * other threads stay unstarted.
 */
export const makeBacklog = <Job>() => {
  const lines = { urgent: new Set<Job>(), normal: new Set<Job>() }
  const idle: Array<(job: Effect.Effect<Job>) => void> = []

  const next = (): Job | undefined => {
    for (const line of [lines.urgent, lines.normal]) {
      for (const job of line) {
        line.delete(job)
        return job
      }
    }
    return undefined
  }

  const offer = (job: Job, line: keyof typeof lines) => {
    const taker = idle.pop()
    if (taker === undefined) lines[line].add(job)
    else taker(Effect.succeed(job))
  }

  /** Takes it out again where nobody has begun it. */
  const withdraw = (job: Job) => void (lines.urgent.delete(job) || lines.normal.delete(job))

  const take = Effect.callback<Job>((resume) => {
    const job = next()
    if (job !== undefined) return resume(Effect.succeed(job))
    idle.push(resume)
    return Effect.sync(() => void idle.splice(idle.indexOf(resume), 1))
  })

  return { offer, withdraw, take }
}
