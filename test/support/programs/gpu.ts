import { NodeRuntime } from "@effect/platform-node"
import { Effect } from "effect"
import { writeSync } from "node:fs"
import { parseArgs } from "node:util"
import { makeGpu } from "../gpu/GpuServer.ts"

// `gpu.ts [--port N] [--latency MS] [--parallel N] [--max-items N] [--dimension N] [--max-tokens N]`: the double of a GPU worker as a process of its own; says its
// URL once it listens. `PUT /faults` with a JSON object (test/support/gpu/Faults.ts) orders faults, `GET /received` tells what came.
const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    latency: { type: "string", default: "0" },
    parallel: { type: "string", default: "4" },
    "max-items": { type: "string", default: "32" },
    "max-tokens": { type: "string", default: "512" },
    dimension: { type: "string", default: "384" }
  }
})

const gpu = makeGpu({
  latency: Number(values.latency),
  parallel: Number(values.parallel),
  model: {
    dimension: Number(values.dimension),
    maxItems: Number(values["max-items"]),
    maxTokens: Number(values["max-tokens"])
  }
})

NodeRuntime.runMain(
  Effect.gen(function*() {
    const port = yield* gpu.listen(Number(values.port))
    writeSync(1, `http://127.0.0.1:${port}\n`)
    return yield* Effect.never
  }).pipe(Effect.ensuring(gpu.close))
)
