import { assert, it } from "@effect/vitest"
import { verifyWebhook, WebhookUnverified } from "@sheaf/sdk"
import { callTimeout, makeCallWebhook } from "@sheaf/worker/stages/deliver/callWebhook"
import { DeliveryId, type WebhookId } from "@sheaf/domain/ids"
import { maxWebhooks } from "@sheaf/domain/webhooks/Webhook"
import { Context, Duration, Effect, Layer } from "effect"
import * as Steps from "../proof/operations/steps.ts"
import type { Actor } from "../proof/world/Actor.ts"
import * as Stage from "../proof/world/Stage.ts"
import { eventually, isSignedWith, listed, listener, passed } from "./world.ts"

class World extends Context.Service<World, Stage.Stage>()("sheaf/test/webhooks/webhooks.test/World") {}

const world = Layer.effect(World, Stage.make("embedded"))

const newActor = Effect.gen(function*() {
  const stage = yield* World
  return { stage, actor: (yield* Stage.newActor(stage))() }
})

const make = ({ call, client, once }: Actor, url: string, more: object = {}) =>
  call(client.WebhooksCreate({ url, ...more, ...once(`webhook ${url}`) }))

const test = ({ call, client, once }: Actor, webhookId: WebhookId, name = "test") =>
  call(client.WebhooksTest({ webhookId, ...once(name) }))

it.layer(world, { timeout: "60 seconds", excludeTestServices: true })("webhooks", (it) => {
  it.effect("are told what they asked for, once it is durable, signed so that anybody can check it", () =>
    Effect.gen(function*() {
      const { actor } = yield* newActor
      const { call, client, once, rest } = actor
      const [all, some] = [yield* listener(), yield* listener()]
      const { secret } = yield* make(actor, all.url)
      const { webhook } = yield* make(actor, some.url, { kinds: ["document.published"] })
      const { datasetId, documentId } = yield* Steps.published(actor)
      const other = yield* Steps.dataset(actor, "other")
      yield* call(client.WebhooksUpdate({ webhookId: webhook.id, datasetIds: [other], ...once("narrow") }))
      yield* Steps.published(actor, "second", datasetId)
      yield* rest
      assert.includeMembers(
        all.heard.map(({ body }) => JSON.parse(body).type),
        ["dataset.created", "document.accepted", "document.published"]
      )
      const [message] = some.heard
      assert.lengthOf(some.heard, 1)
      assert.deepInclude(JSON.parse(message!.body).data, { _tag: "DocumentPublished", documentId, datasetId })
      for (const told of all.heard) assert.isTrue(isSignedWith(secret, told))
      assert.isFalse(isSignedWith(secret, message!))
      assert.lengthOf(new Set(all.heard.map(({ headers }) => headers["webhook-id"])), all.heard.length)
      const [delivery] = yield* listed(actor, webhook.id)
      assert.deepInclude(delivery, { state: "delivered", tries: 1, nextAt: null, kind: "document.published" })
      assert.strictEqual(`msg_${delivery!.id}`, message!.headers["webhook-id"])
    }))

  it.effect("a message holds for whoever has the secret, unchanged and in time", () =>
    Effect.gen(function*() {
      const { actor } = yield* newActor
      const { heard, url } = yield* listener()
      const { secret, webhook } = yield* make(actor, url)
      yield* test(actor, webhook.id)
      yield* actor.rest
      const { body, headers } = heard[0]!
      const verified = yield* Effect.promise(() => verifyWebhook(secret, new Headers(headers as never), body))
      assert.deepInclude(verified, { id: String(headers["webhook-id"]), type: "webhook.test" })
      const bad = [
        () => verifyWebhook(secret, headers, `${body} `),
        () => verifyWebhook(`whsec_${Buffer.alloc(32).toString("base64")}`, headers, body),
        () => verifyWebhook(secret, { ...headers, "webhook-id": "msg_other" }, body),
        () => verifyWebhook(secret, { ...headers, "webhook-signature": undefined }, body),
        () => verifyWebhook(secret, headers, body, { now: Number(headers["webhook-timestamp"]) * 1_000 + 301_000 })
      ]
      const refused = yield* Effect.forEach(bad, (call) => Effect.flip(Effect.tryPromise(call)))
      assert.deepStrictEqual(
        refused.map(({ cause }) => cause instanceof WebhookUnverified && cause.reason),
        ["signature", "signature", "signature", "headers", "timestamp"]
      )
    }))

  it.effect("another secret signs beside the one before, for a while", () =>
    Effect.gen(function*() {
      const { actor, stage } = yield* newActor
      const { call, client, once } = actor
      const { heard, url } = yield* listener()
      const { secret: first, webhook: { id: webhookId } } = yield* make(actor, url)
      const { secret: second, webhook } = yield* call(client.WebhooksRotate({ webhookId, ...once("rotate") }))
      assert.strictEqual(webhook.secrets, 2)
      yield* test(actor, webhookId, "both")
      yield* actor.rest
      assert.deepStrictEqual([first, second].map((secret) => isSignedWith(secret, heard[0]!)), [true, true])
      const { observer } = stage.installation
      yield* observer`update webhook_secrets set expires_at = now() where webhook_id = ${webhookId} and number = 1`
      yield* test(actor, webhookId, "one")
      yield* actor.rest
      assert.deepStrictEqual([first, second].map((secret) => isSignedWith(secret, heard[1]!)), [false, true])
      const sealed = yield* observer`select sealed from webhook_secrets where webhook_id = ${webhookId}`
      assert.notInclude(JSON.stringify(sealed), second.slice(6))
    }))

  it.effect("a receiver that answers 500 for an hour is called on the schedule, and then told the same", () =>
    Effect.gen(function*() {
      const { actor, stage } = yield* newActor
      const { heard, url } = yield* listener((response, calls) => {
        response.writeHead(calls <= 4 ? 500 : 200).end("x".repeat(5_000))
      })
      const { webhook: { id } } = yield* make(actor, url)
      yield* test(actor, id)
      const tried = (tries: number) => eventually(listed(actor, id), ([delivery]) => delivery?.tries === tries)
      const waits = [5, 60, 300, 1_800]
      for (const [at, wait] of waits.entries()) {
        const [delivery] = yield* tried(at + 1)
        const { attempts, nextAt } = delivery!
        const last = attempts.at(-1)!
        assert.deepInclude(last, { status: 500, answer: "x".repeat(500) })
        const planned = (nextAt!.getTime() - last.at.getTime()) / 1_000
        assert.isTrue(planned > wait * 0.85 && planned < wait * 1.2, `${planned} for ${wait}`)
        // Not before its time.
        yield* passed(stage, id, wait * 1.15)
      }
      const [delivered] = yield* tried(5)
      assert.strictEqual(delivered!.state, "delivered")
      assert.lengthOf(new Set(heard.map(({ body, headers }) => `${headers["webhook-id"]} ${body}`)), 1)
      const { failingSince } = yield* actor.call(actor.client.WebhooksGet({ webhookId: id }))
      assert.isNull(failingSince)
    }))

  it.effect("a receiver that is down for a day is disabled, and its owner hears of it", () =>
    Effect.gen(function*() {
      const { actor, stage } = yield* newActor
      const { call, client, once } = actor
      let isUp = false
      const { heard, url } = yield* listener((response) => response.writeHead(isUp ? 204 : 503).end())
      const { webhook: { id: webhookId } } = yield* make(actor, url)
      yield* test(actor, webhookId)
      for (const tries of [1, 2, 3, 4, 5, 6, 7, 8]) {
        yield* eventually(listed(actor, webhookId), ([delivery]) => delivery!.tries === tries)
        yield* passed(stage, webhookId, 9 * 3_600)
      }
      const [given] = yield* eventually(listed(actor, webhookId), ([delivery]) => delivery!.state !== "pending")
      assert.deepInclude(given, { state: "failed", tries: 9, nextAt: null })
      const webhook = yield* call(client.WebhooksGet({ webhookId }))
      assert.deepInclude(webhook, { state: "disabled", disabledBecause: "failing" })
      yield* actor.rest
      const { events } = yield* call(client.EventsList({ after: "0" as never }))
      assert.deepInclude(events.at(-1)?.body, { _tag: "WebhookDisabled", webhookId, reason: "failing" })
      const refused = yield* Effect.flip(test(actor, webhookId, "while disabled"))
      assert.strictEqual(refused.tag, "WebhookDisabled")
      isUp = true
      yield* call(client.WebhooksEnable({ webhookId, ...once("enable") }))
      const again = yield* call(client.WebhooksRedeliver({ webhookId, ...once("again") }))
      assert.strictEqual(again.deliveries, 1)
      yield* actor.rest
      const [last] = yield* listed(actor, webhookId)
      assert.deepInclude(last, { state: "delivered", tries: 1, id: given!.id })
      assert.lengthOf(new Set(heard.map(({ headers }) => headers["webhook-id"])), 1)
    }))

  it.effect("one that is gone is called no more; what was on its way to one that is disabled is skipped", () =>
    Effect.gen(function*() {
      const { actor } = yield* newActor
      const { call, client, once } = actor
      const gone = yield* listener((response) => response.writeHead(410).end())
      const { webhook } = yield* make(actor, gone.url)
      yield* test(actor, webhook.id)
      yield* actor.rest
      assert.deepInclude((yield* listed(actor, webhook.id))[0], { state: "failed", tries: 1 })
      assert.strictEqual((yield* call(client.WebhooksGet({ webhookId: webhook.id }))).disabledBecause, "gone")
      const down = yield* listener((response) => response.writeHead(500).end())
      const { webhook: { id: webhookId } } = yield* make(actor, down.url)
      yield* test(actor, webhookId, "down")
      yield* eventually(listed(actor, webhookId), ([delivery]) => delivery?.tries === 1)
      yield* call(client.WebhooksDisable({ webhookId, ...once("disable") }))
      yield* actor.rest
      assert.deepInclude((yield* listed(actor, webhookId))[0], { state: "skipped", tries: 1 })
      assert.lengthOf(down.heard, 1)
    }))

  it.effect("neither follows a redirect nor waits for ever", () =>
    Effect.gen(function*() {
      const { actor, stage } = yield* newActor
      const inner = yield* listener()
      const outer = yield* listener((response) => response.writeHead(307, { location: inner.url }).end())
      const { webhook } = yield* make(actor, outer.url)
      yield* test(actor, webhook.id)
      const [delivery] = yield* eventually(listed(actor, webhook.id), ([delivery]) => delivery?.tries === 1)
      assert.deepInclude(delivery!.attempts[0], { status: 307 })
      assert.lengthOf(inner.heard, 0)
      const silent = yield* listener(() => undefined)
      const call = yield* stage.life.inside(
        Effect.provideService(makeCallWebhook, callTimeout, Duration.millis(100))
      )
      const owed = { id: DeliveryId.make(delivery!.id), webhookId: webhook.id, isEnabled: true, tries: 0, waitMs: 0 }
      const { attempt } = yield* stage.life.inside(
        call(actor.tenant.tenantId, { ...owed, url: silent.url, body: "{}" })
      )
      assert.isNull(attempt.status)
      assert.isAbove(attempt.durationMs, 90)
      const elsewhere = yield* stage.life.inside(
        call(actor.tenant.tenantId, { ...owed, url: "http://10.0.0.1/", body: "{}" })
      )
      assert.include(elsewhere.attempt.answer, "not in the public internet")
    }))

  it.effect("who has subscribed and who began it are mailed of documents, each once for each", () =>
    Effect.gen(function*() {
      const { actor, stage } = yield* newActor
      const { call, client, once } = actor
      yield* call(client.NotificationsSubscribe({ address: "kept@example.com", ...once("subscribe") }))
      const { id } = yield* call(client.NotificationsSubscribe({ address: "gone@example.com", ...once("gone") }))
      yield* call(client.NotificationsUnsubscribe({ subscriptionId: id, ...once("unsubscribe") }))
      const datasetId = yield* Steps.dataset(actor)
      const ingest = (name: string, email: string) =>
        call(client.DocumentsIngestText({
          datasetId,
          name: `${name}.md`,
          text: Steps.text(name),
          ...once(name),
          onBehalfOf: { id: name, email }
        }))
      yield* ingest("first", "me@example.com")
      yield* ingest("second", "me@example.com")
      yield* ingest("third", "not an address, but\r\nBcc: others")
      yield* actor.rest
      const mails = yield* stage.installation.observer<{
        readonly address: string
        readonly state: string
        readonly counts: Readonly<Record<string, number>>
        readonly lines: ReadonlyArray<string>
      }>`select address, state, counts, lines from mails where tenant_id = ${actor.tenant.tenantId}`
      const toldTo = (whom: string) => mails.filter(({ address }) => address === whom)
      const sum = (whom: string) =>
        toldTo(whom).flatMap(({ counts }) => Object.values(counts)).reduce((all, count) => all + count, 0)
      assert.deepStrictEqual([sum("kept@example.com"), sum("me@example.com")], [3, 2])
      assert.sameMembers(
        mails.map(({ address }) => address),
        ["kept@example.com", "me@example.com"].flatMap(
          (whom) => toldTo(whom).map(({ address }) => address)
        )
      )
      for (const { state } of mails) assert.strictEqual(state, "sent")
      const lines = toldTo("me@example.com").flatMap(({ lines }) => lines)
      assert.isTrue(lines.some((line) => line.startsWith("first.md ")))
      assert.isFalse(lines.some((line) => line.startsWith("third.md ")))
    }))

  it.effect("what cannot be a webhook is told, each in its own way", () =>
    Effect.gen(function*() {
      const { actor } = yield* newActor
      const { call, client, once } = actor
      const refusedBy = (url: string) => Effect.map(Effect.flip(make(actor, url)), ({ tag }) => tag)
      for (const url of ["https://10.0.0.1/", "http://192.168.0.1/", "http://example.com/", "ftp://example.com", "x"]) {
        assert.strictEqual(yield* refusedBy(url), "WebhookUrlRefused", url)
      }
      const datasetId = "01890a5d-ac96-774b-bcce-b302099a8057"
      const foreign = yield* Effect.flip(make(actor, "https://example.com/", { datasetIds: [datasetId] }))
      assert.strictEqual(foreign.tag, "DatasetNotFound")
      for (let made = 0; made < maxWebhooks; made++) yield* make(actor, `https://example.com/${made}`)
      const many = yield* Effect.flip(make(actor, "https://example.com/more"))
      assert.strictEqual(many.tag, "QuotaExceeded")
      const { items } = yield* call(client.WebhooksList({ limit: 5 }))
      assert.lengthOf(items, 5)
      const missing = yield* Effect.flip(call(client.WebhooksRedeliver({
        webhookId: items[0]!.id,
        deliveryId: DeliveryId.make(datasetId),
        ...once("nothing")
      })))
      assert.strictEqual(missing.tag, "DeliveryNotFound")
    }))
})
