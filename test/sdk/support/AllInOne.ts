import { Health } from "@sheaf/adapters/health/Health"
import { ofPorts } from "@sheaf/adapters/health/ofPorts"
import { Server } from "@sheaf/server/Server"
import { Clock, Context, Effect, Layer } from "effect"
import * as Pipeline from "../../support/Pipeline.ts"
import { makeTenant } from "../../support/TestServer.ts"
import { Pages } from "./Pages.ts"

/** A whole Sheaf of its own, with a worker and the real embedder, and keys for it. It lets pages of one origin in. */
export class AllInOne extends Context.Service<AllInOne, {
  readonly url: string
  readonly keys: { readonly [Scope in "read" | "write" | "admin" | "operator"]: string }
}>()("sheaf/test/sdk/support/AllInOne") {
  static readonly layer = Layer.unwrap(Effect.map(Pages, ({ known }) =>
    Layer.effect(
      AllInOne,
      Effect.gen(function*() {
        const { url } = yield* Server
        const { keys } = yield* makeTenant
        const { admin, operator, read, write } = keys
        return {
          url,
          keys: { read: read.secret, write: write.secret, admin: admin.secret, operator: operator.secret }
        }
      })
    ).pipe(
      Layer.provide(Server.layer({ version: "0.0.0-test", profile: "embedded", corsOrigins: [known] })),
      Layer.provide(Layer.unwrap(Effect.map(ofPorts(), Health.layer))),
      Layer.provideMerge(Pipeline.layer),
      Layer.orDie,
      Layer.provide(Layer.succeed(Clock.Clock, Clock.Clock.defaultValue()))
    ))).pipe(Layer.provideMerge(Pages.layer))
}
