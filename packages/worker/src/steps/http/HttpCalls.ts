import { BlobStore, elementsKey } from "@sheaf/adapters/blobs/BlobStore"
import type { FetchFailed, FetchTooLarge, UrlRefused } from "@sheaf/adapters/fetch/errors"
import { type Answer, GuardedFetch, make as makeFetch } from "@sheaf/adapters/fetch/GuardedFetch"
import { PipelineSecretsRepo } from "@sheaf/adapters/repos/pipelines/PipelineSecretsRepo"
import { stepDefaults } from "@sheaf/domain/pipelines/checkPipeline"
import type { HttpStep } from "@sheaf/domain/pipelines/Step"
import { Clock, Duration, Effect, Option, Redacted, Schema, Stream } from "effect"
import { createHash } from "node:crypto"
import { type BadJob, TryAgain } from "../../pipeline/Stage.ts"
import { ofBlobs } from "../../stages/failures.ts"
import { failed, type StepContext } from "../Step.ts"
import { signed } from "./sign.ts"

/** Of one answer. */
const maxAnswerBytes = 16 * 1024 * 1024

/** What a service says when asking again later may help. */
const busy: ReadonlySet<number> = new Set([408, 425, 429])

/** Asks services of users. What was answered once is kept with the document, and not asked again for the same question. */
export interface HttpCalls {
  readonly ask: <A>(
    context: StepContext,
    step: HttpStep,
    question: Readonly<Record<string, unknown>>,
    answer: Schema.Codec<A, unknown>
  ) => Effect.Effect<A, TryAgain | BadJob>
}

export const makeHttpCalls = Effect.gen(function*() {
  const blobs = yield* BlobStore
  const fetch = Option.getOrElse(yield* Effect.serviceOption(GuardedFetch), () => makeFetch({}))
  const secrets = yield* PipelineSecretsRepo

  const send = Effect.fnUntraced(function*(context: StepContext, step: HttpStep, id: string, body: string) {
    const secret = yield* secrets.open(context.owner.tenantId, context.pipeline.id, step.name).pipe(
      Effect.mapError(({ message }) => failed(context, `its secret cannot be read: ${message}`))
    )
    const seconds = Math.floor((yield* Clock.currentTimeMillis) / 1_000)
    const keys = Option.toArray(Option.map(secret, Redacted.value))
    return yield* fetch.post(step.url, {
      body: new TextEncoder().encode(body),
      headers: { "content-type": "application/json", ...signed({ id, seconds, body, secrets: keys }) },
      maxBytes: maxAnswerBytes,
      timeout: Duration.seconds(step.timeoutSeconds ?? stepDefaults.timeoutSeconds)
    }).pipe(Effect.mapError((error) => ofFetch(context, error)))
  })

  const ask: HttpCalls["ask"] = Effect.fn("HttpCalls.ask")(function*(context, step, question, answer) {
    const { document, name, owner, pipeline } = context
    const body = JSON.stringify({
      version: 1,
      pipeline,
      step: name,
      document: { id: owner.documentId, ...document },
      ...question
    })
    const key = createHash("sha256").update(JSON.stringify(["http", step.url, body])).digest("hex").slice(0, 32)
    const blob = elementsKey(owner, key)
    const kept = yield* blobs.size(blob).pipe(Effect.mapError(ofBlobs))
    const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(answer))
    if (Option.isSome(kept)) {
      const text = yield* blobs.get(blob).pipe(Stream.decodeText, Stream.mkString, Effect.mapError(ofBlobs))
      return yield* Effect.orDie(decode(text))
    }
    // The same question has the same id, however often it is sent.
    const text = yield* textOf(context, yield* send(context, step, `msg_${key}`, body))
    const answered = yield* decode(text).pipe(
      Effect.mapError((error) => failed(context, `its answer is not what it should be: ${error.message}`))
    )
    yield* blobs.put(blob, Stream.succeed(new TextEncoder().encode(text))).pipe(
      Effect.catchTag("BlobExists", () => Effect.void),
      Effect.mapError(ofBlobs)
    )
    return answered
  })
  return { ask } satisfies HttpCalls
})

const later = ({ name }: StepContext, detail: string, delayMs?: number) =>
  new TryAgain({
    reason: `step ${name}: ${detail}`,
    cause: { _tag: "StepFailed", step: name, detail, retryable: true },
    ...(delayMs !== undefined && { delay: Duration.millis(delayMs) })
  })

const ofFetch = (context: StepContext, error: UrlRefused | FetchFailed | FetchTooLarge): TryAgain | BadJob =>
  error._tag === "FetchFailed" && error.isRetryable
    ? later(context, error.message)
    : failed(context, error._tag === "FetchTooLarge" ? `its answer has ${error.message}` : error.message)

const textOf = (
  context: StepContext,
  { body, retryAfterMs, status }: Answer
): Effect.Effect<string, TryAgain | BadJob> => {
  if (status === 200) return Effect.succeed(new TextDecoder().decode(body))
  const detail = `the service answered ${status}`
  return Effect.fail(status >= 500 || busy.has(status) ? later(context, detail, retryAfterMs) : failed(context, detail))
}
