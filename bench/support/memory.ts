import { Effect, Schedule } from "effect"
import { readdirSync, readFileSync } from "node:fs"

const read = (path: string): string => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    // It ended between two looks.
    return ""
  }
}

/** A process and all that it started, and they in turn. */
const treeOf = (root: number): ReadonlyArray<number> => {
  const children = new Map<number, Array<number>>()
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue
    const parent = Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${name}/status`))?.[1])
    children.set(parent, [...children.get(parent) ?? [], Number(name)])
  }
  const found = [root]
  // Grows while it is walked.
  for (const pid of found) found.push(...children.get(pid) ?? [])
  return found
}

/** Bytes of memory of processes; what they share is counted once (PSS). */
const bytesOf = (pids: ReadonlyArray<number>): number =>
  pids.reduce((sum, pid) => {
    const kilobytes = /^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? "0"
    return sum + Number(kilobytes) * 1024
  }, 0)

/** Runs an effect and answers, besides what it answers, the most memory that a process tree was seen to have meanwhile. */
export const peakMemory = <A, E, R>(pid: number, effect: Effect.Effect<A, E, R>) => peak(() => treeOf(pid), effect)

/** The same of what a process has started, without itself. What is only being started is a copy of it until then, and does not count. */
export const peakMemoryBelow = <A, E, R>(pid: number, effect: Effect.Effect<A, E, R>) => {
  const commandOf = (pid: number) => read(`/proc/${pid}/cmdline`)
  const own = commandOf(pid)
  return peak(() => treeOf(pid).slice(1).filter((pid) => commandOf(pid) !== own), effect)
}

const peak = <A, E, R>(pids: () => ReadonlyArray<number>, effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    let peak = 0
    const look = Effect.sync(() => {
      peak = Math.max(peak, bytesOf(pids()))
    })
    const value = yield* Effect.raceFirst(
      effect,
      Effect.andThen(Effect.repeat(look, Schedule.spaced("100 millis")), Effect.never)
    )
    return { value, bytes: peak }
  })
