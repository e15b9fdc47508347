import { readFileSync } from "node:fs"

// What a process and those that it has started take of the machine, as Linux tells it. Other systems do not say: then it is 0.

const pageSize = 4_096

/** Milliseconds of a clock tick: Linux counts a hundred a second for programs, whatever its own clock does. */
const tick = 10

/** The process itself first. */
const treeOf = (pid: number): ReadonlyArray<number> => {
  const found = [pid]
  for (let at = 0; at < found.length; at++) {
    const children = read(`/proc/${found[at]}/task/${found[at]}/children`)
    found.push(...children.split(" ").filter((text) => text !== "").map(Number))
  }
  return found
}

/** Resident memory in bytes. */
export const memoryOf = (pid: number): number =>
  treeOf(pid).reduce((sum, pid) => sum + pageSize * Number(read(`/proc/${pid}/statm`).split(" ")[1] ?? 0), 0)

/** Processor time in milliseconds, of all threads since the start; that of children who have ended is counted as well. */
export const cpuOf = (pid: number): number =>
  treeOf(pid).reduce((sum, pid) => {
    const stat = read(`/proc/${pid}/stat`)
    // The name may hold anything, so the fields are counted behind its end: user, system, and both of those who have ended.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return sum + fields.slice(11, 15).reduce((ticks, field) => ticks + Number(field) * tick, 0)
  }, 0)

const read = (path: string): string => {
  try {
    return readFileSync(path, "latin1")
  } catch {
    return ""
  }
}
