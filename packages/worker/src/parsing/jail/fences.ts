import { existsSync } from "node:fs"
import { isolation } from "./network.ts"

/** One way in which parsers, and those who draw pages, are kept from doing harm. */
export interface Fence {
  readonly name: string
  readonly active: boolean
  readonly detail: string
}

/** What holds parsers back on this machine. */
export const fences = async (): Promise<ReadonlyArray<Fence>> => {
  const isolated = (await isolation()).length > 0
  const counted = existsSync("/proc/self/statm")
  return [
    {
      name: "process",
      active: true,
      detail: "a process of its own with nothing of this environment; killed when its work is not wanted"
    },
    {
      name: "time",
      active: true,
      detail: counted
        ? "a limit on what each request takes, by the clock and of the processors; then it is killed"
        : "a limit on what each request takes, by the clock alone; then it is killed"
    },
    {
      name: "memory",
      active: counted,
      detail: counted
        ? "all of it is counted, and that of what it has started; a limit kills"
        : "this system does not say how much a process has: its heap alone is limited"
    },
    { name: "output", active: true, detail: "a limit on what one request may answer" },
    {
      name: "files",
      active: process.allowedNodeEnvironmentFlags.has("--permission"),
      detail:
        "reads its own code and what it is to parse; writes nothing and starts nothing (Node's permission model); native code only where pages are drawn"
    },
    {
      name: "network",
      active: true,
      detail: isolated
        ? "a network of its own with nothing in it (a namespace), and no way out within the process"
        : "no way out within the process; this system gives it no namespace of its own, so let workers reach only what they need"
    }
  ]
}
