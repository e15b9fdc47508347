import { type Finding, Health } from "@sheaf/adapters/health/Health"
import { Effect, Layer, Struct } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { plainHeaders } from "./answers.ts"

const told = (part: Finding) => part.ok ? Struct.pick(part, ["name", "ok", "optional"]) : Struct.omit(part, ["active"])

/**
 * Whether the process runs, and whether it can do its work: what is missing is named, with something to try. Where the parts are, and of
 * which version, is said to nobody: anybody may ask.
 */
export const layer = Layer.effectDiscard(Effect.gen(function*() {
  const health = yield* Health
  const router = yield* HttpRouter.HttpRouter
  yield* router.add(
    "GET",
    "/health/live",
    HttpServerResponse.jsonUnsafe({ status: "live" }, { headers: plainHeaders })
  )
  yield* router.add(
    "GET",
    "/health/ready",
    Effect.map(health.report, ({ parts, status }) =>
      HttpServerResponse.jsonUnsafe(
        { status, parts: parts.map(told) },
        { status: status === "ready" ? 200 : 503, headers: plainHeaders }
      ))
  )
}))
