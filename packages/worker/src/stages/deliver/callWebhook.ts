import { GuardedFetch, make as makeFetch } from "@sheaf/adapters/fetch/GuardedFetch"
import type { Owed } from "@sheaf/adapters/repos/webhooks/DeliveriesRepo"
import { WebhookSecretsRepo } from "@sheaf/adapters/repos/webhooks/WebhookSecretsRepo"
import type { SecretUnreadable } from "@sheaf/adapters/secrets/Secrets"
import { storable } from "@sheaf/adapters/sql/storable"
import type { TenantId } from "@sheaf/domain/ids"
import { type DeliveryAttempt, maxAnswerShown, messageId } from "@sheaf/domain/webhooks/Delivery"
import { Clock, Context, Duration, Effect, Option, Redacted } from "effect"
import { signed } from "../../steps/http/sign.ts"

/** For a call, from the look-up of its name to the last byte of the answer that is looked at. */
export const callTimeout = Context.Reference("@sheaf/worker/stages/deliver/callWebhook/callTimeout", {
  defaultValue: () => Duration.seconds(15)
})

/** A call, and how long the receiver wants to be left alone. */
export interface Called {
  readonly attempt: DeliveryAttempt
  readonly retryAfterMs: number | undefined
}

/** Calls a webhook once. Whatever comes of it is an answer, but for a secret that cannot be read: what is unsigned is not sent. */
export const makeCallWebhook = Effect.gen(function*() {
  const fetch = Option.getOrElse(yield* Effect.serviceOption(GuardedFetch), () => makeFetch({}))
  const secrets = yield* WebhookSecretsRepo
  const timeout = yield* callTimeout

  return Effect.fn("callWebhook")(function*(
    tenantId: TenantId,
    { body, id, url, webhookId }: Owed
  ): Effect.fn.Return<Called, SecretUnreadable> {
    const keys = (yield* secrets.open(tenantId, webhookId)).map(Redacted.value)
    const begun = yield* Clock.currentTimeMillis
    const headers = signed({ id: messageId(id), seconds: Math.floor(begun / 1_000), body, secrets: keys })
    const called = yield* fetch.post(url, {
      body: new TextEncoder().encode(body),
      headers: { "content-type": "application/json", ...headers },
      maxBytes: 4 * maxAnswerShown,
      cutsAnswer: true,
      timeout
    }).pipe(
      Effect.map(({ body: answer, retryAfterMs, status }) => ({
        status,
        answer: new TextDecoder().decode(answer),
        retryAfterMs
      })),
      Effect.catch(({ message }) => Effect.succeed({ status: null, answer: message, retryAfterMs: undefined }))
    )
    const durationMs = Math.round((yield* Clock.currentTimeMillis) - begun)
    const answer = storable(called.answer).slice(0, maxAnswerShown)
    return {
      attempt: { at: new Date(begun), durationMs, status: called.status, answer },
      retryAfterMs: called.retryAfterMs
    }
  })
})
