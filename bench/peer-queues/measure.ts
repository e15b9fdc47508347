// What the contenders share: each sends jobs, as many at a time as it works on, and works on them meanwhile; first some that do not
// count.
import { writeSync } from "node:fs"

/** Jobs before the clock starts: connections are open, code is compiled, plans are cached. */
const warmUp = 2_000

interface Contender {
  /** Resolves when a job is sent for good. */
  readonly send: () => Promise<unknown>
  /** How many are done so far. */
  readonly done: () => number
}

/** Milliseconds from the first job sent to the last one done. */
const round = async (jobs: number, concurrency: number, { done, send }: Contender) => {
  const before = done()
  const begin = performance.now()
  let next = 0
  const sender = async () => {
    while (next++ < jobs) await send()
  }
  await Promise.all(Array.from({ length: concurrency }, sender))
  while (done() - before < jobs) await new Promise((resolve) => setTimeout(resolve, 1))
  return performance.now() - begin
}

/** Prints a line of JSON, `{ perSecond, cpuMs }`: jobs a second, and this process's time a job. */
export const measure = async (jobs: number, concurrency: number, contender: Contender): Promise<void> => {
  await round(warmUp, concurrency, contender)
  const cpu = process.cpuUsage()
  const ms = await round(jobs, concurrency, contender)
  const { system, user } = process.cpuUsage(cpu)
  writeSync(1, `${JSON.stringify({ perSecond: jobs / ms * 1_000, cpuMs: (user + system) / 1_000 / jobs })}\n`)
}
