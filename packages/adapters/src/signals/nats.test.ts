import { assert, it } from "@effect/vitest"
import { RunId, TenantId } from "@sheaf/domain/ids"
import { Clock, Context, Effect, Fiber, Layer, Schedule, Stream } from "effect"
import { randomUUID } from "node:crypto"
import * as NatsServer from "../../../../test/support/backends/NatsServer.ts"
import * as Nats from "../nats/NatsConnection.ts"
import * as NatsSignals from "./nats.ts"
import { Signals } from "./Signals.ts"

const live = Effect.provideService(Clock.Clock, Clock.Clock.defaultValue())

/** A process of its own. */
const start = (server: NatsServer.NatsServer, prefix: string) =>
  Layer.build(
    Layer.fresh(NatsSignals.layer.pipe(Layer.provideMerge(Nats.layer({ servers: [server.url], prefix }))))
  )

const control = () => ({ _tag: "RunControl", runId: RunId.make(randomUUID()) }) as const

/** All signals that a process hears from now on. */
const hear = Effect.fnUntraced(function*(process: Context.Context<Signals>) {
  const heard: Array<RunId> = []
  const stream = yield* Context.get(process, Signals).subscribe("RunControl")
  yield* stream.pipe(Stream.runForEach(({ runId }) => Effect.sync(() => heard.push(runId))), Effect.forkScoped)
  return heard
})

const until = (holds: () => boolean) =>
  Effect.repeat(Effect.sync(holds), { until: (is) => is, schedule: Schedule.spaced("10 millis") })

it.effect("reach every process once, and never another installation", () =>
  Effect.gen(function*() {
    const server = yield* NatsServer.start()
    const [one, two, foreign] = [
      yield* start(server, "sheaf"),
      yield* start(server, "sheaf"),
      yield* start(server, "other")
    ]
    const [own, other, nothing] = [yield* hear(one), yield* hear(two), yield* hear(foreign)]
    const signals = [control(), control(), control()]
    const { send } = Context.get(one, Signals)
    yield* Effect.forEach(signals, send)
    // Our own arrive without a round trip.
    yield* until(() => own.length === 3)
    yield* until(() => other.length === 3)

    const raw = Context.get(two, Nats.NatsConnection).core
    for (const text of ["", "nonsense", "{}", JSON.stringify({ from: "x", signal: { _tag: "Unheard" } })]) {
      raw.publish("sheaf.signals.RunControl", text)
    }
    const last = control()
    yield* send(last)
    yield* until(() => other.includes(last.runId) && own.includes(last.runId))
    const wanted = [...signals, last].map(({ runId }) => runId)
    assert.deepStrictEqual([own, other, nothing], [wanted, wanted, []])
  }).pipe(live), 30_000)

it.effect("neither fail nor wait while NATS is down, and are heard again afterwards", () =>
  Effect.gen(function*() {
    const server = yield* NatsServer.start()
    const [one, two] = [yield* start(server, "sheaf"), yield* start(server, "sheaf")]
    const [own, other] = [yield* hear(one), yield* hear(two)]
    const { send } = Context.get(one, Signals)
    yield* server.kill
    const begin = performance.now()
    yield* Effect.forEach(Array.from({ length: 1_000 }, control), send)
    assert.isAtMost(performance.now() - begin, 2_000)
    yield* until(() => own.length === 1_000)
    yield* server.restart
    const again = yield* Effect.forkChild(
      Effect.repeat(Effect.suspend(() => send(control())), { schedule: Schedule.spaced("50 millis") })
    )
    yield* until(() => other.length > 0)
    yield* Fiber.interrupt(again)
  }).pipe(live), 30_000)

it.effect("a listener that does not keep up loses the oldest", () =>
  Effect.gen(function*() {
    const server = yield* NatsServer.start()
    const process = yield* start(server, "sheaf")
    const { send, subscribe } = Context.get(process, Signals)
    const stream = yield* subscribe("EventsWritten")
    const tenants = Array.from({ length: 6_000 }, () => TenantId.make(randomUUID()))
    yield* Effect.forEach(tenants, (tenantId) => send({ _tag: "EventsWritten", tenantId }), { discard: true })
    const heard = yield* stream.pipe(Stream.take(4_000), Stream.runCollect)
    assert.isTrue(tenants.indexOf(heard[0]!.tenantId) > 0)
    assert.strictEqual(new Set(heard.map(({ tenantId }) => tenantId)).size, 4_000)
  }).pipe(live), 30_000)
