import { existsSync } from "node:fs"

/** One way in which parsers are kept from doing harm. */
export interface Fence {
  readonly name: string
  readonly active: boolean
  readonly detail: string
}

/** What holds parsers back on this machine. */
export const fences = (): ReadonlyArray<Fence> => {
  const counted = existsSync("/proc/self/statm")
  return [
    {
      name: "process",
      active: true,
      detail: "a process of its own with an empty environment; killed when its work is not wanted"
    },
    { name: "time", active: true, detail: "a limit for each request; then it is killed" },
    {
      name: "memory",
      active: counted,
      detail: counted
        ? "all of it is counted, and a limit kills"
        : "this system does not say how much a process has: its heap alone is limited"
    },
    { name: "output", active: true, detail: "a limit on what one request may answer" },
    {
      name: "files",
      active: process.allowedNodeEnvironmentFlags.has("--permission"),
      detail: "reads its own code and what it is to parse; writes nothing and starts nothing (Node's permission model)"
    },
    { name: "network", active: false, detail: "not fenced: let workers reach only what they need" }
  ]
}
