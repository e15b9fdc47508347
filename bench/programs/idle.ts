import { measureLoop, type Said } from "./loopDelay.ts"

// A process that does nothing but measure how late its own timers are: what the machine alone does to a process.
measureLoop()
process.send?.({ ready: {} } satisfies Said)
