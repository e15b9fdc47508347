import { Signals } from "@sheaf/adapters/signals/Signals"
import type { WebhookId } from "@sheaf/domain/ids"
import { Context, Effect, Schedule } from "effect"
import { createHmac, timingSafeEqual } from "node:crypto"
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import type { Actor } from "../proof/world/Actor.ts"
import type { Stage } from "../proof/world/Stage.ts"

export interface Heard {
  readonly headers: Http.IncomingHttpHeaders
  readonly body: string
}

type Answer = (response: Http.ServerResponse, calls: number) => unknown

/** Somebody who is told of events: everything that was heard, and what is answered to it. */
export const listener = Effect.fnUntraced(function*(answer: Answer = (response) => response.end()) {
  const heard: Array<Heard> = []
  const server = yield* Effect.acquireRelease(
    Effect.callback<Http.Server>((resume) => {
      const made = Http.createServer((request, response) => {
        const pieces: Array<Buffer> = []
        request.on("data", (piece: Buffer) => pieces.push(piece))
        request.on("end", () => {
          heard.push({ headers: request.headers, body: Buffer.concat(pieces).toString("utf8") })
          answer(response, heard.length)
        })
      })
      made.listen(0, "127.0.0.1", () => resume(Effect.succeed(made)))
    }),
    (server) => Effect.sync(() => (server.closeAllConnections(), server.close()))
  )
  // The port of a server that listens on TCP.
  const { port } = server.address() as AddressInfo
  return { heard, url: `http://127.0.0.1:${port}/hook` }
})

/** Whether a message was signed with a secret, by the published recipe and nothing of ours. */
export const isSignedWith = (secret: string, { body, headers }: Heard): boolean => {
  const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`
  const made = createHmac("sha256", Buffer.from(secret.slice("whsec_".length), "base64")).update(signed).digest()
  return String(headers["webhook-signature"]).split(" ").some((signature) => {
    const given = Buffer.from(signature.replace(/^v1,/, ""), "base64")
    return given.length === made.length && timingSafeEqual(given, made)
  })
}

export const listed = ({ call, client }: Actor, webhookId: WebhookId) =>
  Effect.map(call(client.WebhooksDeliveries({ webhookId })), ({ items }) => items)

/** Looks until something holds, on real time, bounded by the test's. */
export const eventually = <A, E, R>(look: Effect.Effect<A, E, R>, holds: (found: A) => boolean) =>
  Effect.repeat(look, { until: holds, schedule: Schedule.spaced("15 millis") })

/** The time that deliveries of a webhook wait for passes, and whoever has to call is told. */
export const passed = Effect.fnUntraced(
  function*({ installation: { observer }, life }: Stage, webhookId: WebhookId, seconds: number) {
    const by = observer`make_interval(secs => ${seconds})`
    yield* observer`update webhooks set failing_since = failing_since - ${by} where id = ${webhookId}::uuid`
    yield* observer`update deliveries set next_at = next_at - ${by} where webhook_id = ${webhookId}::uuid`
    yield* observer`update jobs set not_before = not_before - ${by} where stage = 'Deliver' and state = 'ready'
      and id in (select id from deliveries where webhook_id = ${webhookId}::uuid)`
    const { send } = Context.get(life.context, Signals)
    yield* send({ _tag: "JobsDue", stage: "Deliver", lane: "interactive" })
  },
  Effect.orDie
)
