import type { WebhookId } from "@sheaf/domain/ids"
import { Effect } from "effect"
import type { Actor } from "../world/Actor.ts"
import type { Act, Scenario } from "./Scenario.ts"
import * as Steps from "./steps.ts"

const create: Act = ({ call, client, life, once }) =>
  call(client.WebhooksCreate({
    url: life.receiver.url("/taken"),
    kinds: ["document.published", "document.deleted", "webhook.disabled"],
    ...once("webhook")
  }))

const made = ({ call, client, life, once }: Actor, path = "/taken") =>
  Effect.map(
    call(client.WebhooksCreate({ url: life.receiver.url(path), ...once("webhook") })),
    ({ webhook }) => webhook.id
  )

/** A change of a webhook. */
const changing = (change: (webhookId: WebhookId) => Act, path?: string): Scenario => (actor) =>
  Effect.map(made(actor, path), change)

const test = (webhookId: WebhookId): Act => ({ call, client, once }) =>
  call(client.WebhooksTest({ webhookId, ...once("test") }))

export const webhooks = {
  WebhooksCreate: () => Effect.succeed(create),
  WebhooksUpdate: changing((webhookId) => ({ call, client, once }) =>
    call(client.WebhooksUpdate({ webhookId, description: "changed", kinds: null, ...once("update") }))
  ),
  WebhooksRotate: changing((webhookId) => ({ call, client, once }) =>
    call(client.WebhooksRotate({ webhookId, overlapHours: 0, ...once("rotate") }))
  ),
  WebhooksDisable: changing((webhookId) => ({ call, client, once }) =>
    call(client.WebhooksDisable({ webhookId, ...once("disable") }))
  ),
  WebhooksEnable: Effect.fnUntraced(function*(actor) {
    const webhookId = yield* made(actor)
    yield* actor.call(actor.client.WebhooksDisable({ webhookId, ...actor.once("disable") }))
    return ({ call, client, once }) => call(client.WebhooksEnable({ webhookId, ...once("enable") }))
  }),
  WebhooksDelete: Effect.fnUntraced(function*(actor) {
    const webhookId = yield* made(actor)
    yield* test(webhookId)(actor)
    yield* actor.rest
    return ({ call, client, once }) => call(client.WebhooksDelete({ webhookId, ...once("delete") }))
  }),
  WebhooksTest: changing(test),
  WebhooksRedeliver: Effect.fnUntraced(function*(actor) {
    const webhookId = yield* made(actor, "/down")
    yield* test(webhookId)(actor)
    yield* actor.rest
    const { call, client, life, once } = actor
    yield* call(client.WebhooksUpdate({ webhookId, url: life.receiver.url("/taken"), ...once("move") }))
    return ({ call, client, once }) => call(client.WebhooksRedeliver({ webhookId, ...once("again") }))
  })
} satisfies Record<string, Scenario>

export const notifications = {
  NotificationsSubscribe: () =>
    Effect.succeed(({ call, client, once }) =>
      call(client.NotificationsSubscribe({ address: "kept@example.com", ...once("subscribe") }))
    ),
  NotificationsUnsubscribe: Effect.fnUntraced(function*({ call, client, once }) {
    const { id } = yield* call(client.NotificationsSubscribe({ address: "kept@example.com", ...once("subscribe") }))
    return ({ call, client, once }) =>
      call(client.NotificationsUnsubscribe({ subscriptionId: id, ...once("unsubscribe") }))
  })
} satisfies Record<string, Scenario>

/** What happens to documents, mailed to who has subscribed: once, whoever dies meanwhile. */
const mailed: Scenario = Effect.fnUntraced(function*({ call, client, once }) {
  yield* call(client.NotificationsSubscribe({ address: "kept@example.com", ...once("subscribe") }))
  return (actor) => Steps.published(actor)
})

/** What happens to a document, told to whoever listens, and to one who takes nothing on. */
const told: Scenario = Effect.fnUntraced(function*(actor) {
  yield* made(actor)
  return (actor) =>
    Effect.gen(function*() {
      const { documentId } = yield* Steps.published(actor)
      yield* actor.call(actor.client.DocumentsDelete({ documentId, ...actor.once("delete") }))
    })
})

export const deliveries: Readonly<Record<string, Scenario>> = {
  "deliveries taken": told,
  "mails sent": mailed,
  "deliveries refused": changing(test, "/down"),
  "deliveries to nobody": changing(test, "/gone")
}
