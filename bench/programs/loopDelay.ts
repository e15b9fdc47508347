import { monitorEventLoopDelay } from "node:perf_hooks"

/** How late timers of a process were, in milliseconds, since it was last asked to forget. */
export interface LoopDelay {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** What a measured process says to the one that started it, besides `LoopDelay`. */
export type Said = { readonly delay: LoopDelay } | { readonly ready: unknown }

/**
 * Lets the parent measure this process: at `reset` it begins anew, at `read` it answers a `LoopDelay`. Timers that are never late show
 * the resolution itself, which is why a process is compared with an idle one.
 */
export const measureLoop = () => {
  const histogram = monitorEventLoopDelay({ resolution: 2 })
  histogram.enable()
  const ms = (nanos: number) => nanos / 1e6
  process.on("message", (message) => {
    if (message === "reset") histogram.reset()
    if (message !== "read") return
    const delay: LoopDelay = {
      p50: ms(histogram.percentile(50)),
      p99: ms(histogram.percentile(99)),
      max: ms(histogram.max)
    }
    process.send?.({ delay } satisfies Said)
  })
  // Without a parent there is nothing to do.
  process.on("disconnect", () => process.exit())
}
