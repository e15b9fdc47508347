import { Unavailable, UnknownOperation } from "@sheaf/domain/edge/errors"
import { explainIssue } from "@sheaf/domain/edge/explainIssue"
import { type ApiError, errorFacts } from "@sheaf/domain/errors"
import { Effect, Exit, Layer, Predicate, Record, Schema } from "effect"
import { SecureRandom } from "effect/crypto"
import { HttpRouter, type HttpServerError, HttpServerResponse } from "effect/http"
import type { Headers } from "effect/http/Headers"
import { answering, plainHeaders } from "./answers.ts"
import { Dispatcher, failureOf } from "./Dispatcher.ts"
import { discover } from "./jsonRpc/discover.ts"
import { type Operation, operations } from "./jsonRpc/operations.ts"
import { maxMessageBytes } from "./rpc.ts"
import {
  type Answer,
  failed,
  type Id,
  invalidParams,
  invalidRequest,
  Message,
  notJson,
  succeeded
} from "./jsonRpc/protocol.ts"

// JSON-RPC 2.0 for scripts. A call that stands alone has the HTTP status of its error, so that `curl -f` notices.

const maxBatch = 50

const decodeMessage = Schema.decodeUnknownEffect(Message)

const isApiError = (error: unknown): error is ApiError =>
  Predicate.hasProperty(error, "_tag") && Predicate.isString(error._tag) && error._tag in errorFacts

const isNotification = (message: unknown): boolean =>
  Predicate.isObject(message) && !Predicate.hasProperty(message, "id")

const idOf = (message: unknown): Id =>
  Predicate.hasProperty(message, "id") && (Predicate.isString(message.id) || Predicate.isNumber(message.id))
    ? message.id
    : null

/** What an operation gets: nothing is nothing, and a mutation without a key gets one, from the header or made for this call. */
const payloadOf = (operation: Operation, params: unknown, headers: Headers): unknown => {
  if (operation.takesNothing) return Predicate.isObject(params) && Record.size(params) === 0 ? null : params ?? null
  const given = params ?? {}
  return operation.isMutation && Predicate.isObject(given)
    ? { idempotencyKey: headers["idempotency-key"] ?? SecureRandom.uuidV4Unsafe(), ...given }
    : given
}

const parseJson = (text: string): Effect.Effect<unknown, "not JSON"> =>
  Effect.try({ try: (): unknown => JSON.parse(text), catch: () => "not JSON" as const })

const unreadable = (error: HttpServerError.HttpServerError | "not JSON"): Answer => {
  if (error === "not JSON") return notJson
  const { reason } = error
  return reason._tag === "RequestParseError" && reason.reason === "BodyTooLarge"
    ? { ...invalidRequest(null, `a message has at most ${maxMessageBytes} bytes`), status: 413 }
    : invalidRequest(null, "the body could not be read")
}

const response = ({ body, headers, status }: Answer) =>
  HttpServerResponse.jsonUnsafe(body, { status, headers: { ...plainHeaders, ...headers } })

export const layer = (version: string) =>
  Layer.effectDiscard(Effect.gen(function*() {
    const dispatcher = yield* Dispatcher
    const router = yield* HttpRouter.HttpRouter
    const description = discover(version)

    const call = Effect.fnUntraced(function*(operation: Operation, params: unknown, headers: Headers, id: Id) {
      if (operation.streams) {
        return invalidRequest(
          id,
          `${operation.tag} streams: open /rpc for it, or call EventsList with \`after\` and \`waitMs\``
        )
      }
      const given = payloadOf(operation, params, headers)
      const payload = yield* Effect.result(
        Schema.decodeUnknownEffect(operation.payload, { onExcessProperty: "error" })(given)
      )
      if (payload._tag === "Failure") return invalidParams(id, explainIssue(payload.failure.issue))
      const exit = yield* dispatcher.call({ operation: operation.tag, payload: payload.success, headers })
      if (Exit.isSuccess(exit)) {
        return succeeded(id, yield* Effect.orDie(Schema.encodeUnknownEffect(operation.success)(exit.value)))
      }
      const error = failureOf(exit)
      // What ends without an error of its own was interrupted: the server stops.
      return failed(id, isApiError(error) ? error : new Unavailable({ dependency: "The server" }))
    })

    const answer = Effect.fnUntraced(function*(sent: unknown, headers: Headers) {
      const id = idOf(sent)
      const message = yield* Effect.result(decodeMessage(sent))
      if (message._tag === "Failure") {
        return invalidRequest(id, `not a JSON-RPC 2.0 call: ${explainIssue(message.failure.issue)}`)
      }
      const { method, params } = message.success
      if (method === "rpc.discover") return succeeded(id, description)
      const operation = operations.get(method)
      if (operation === undefined) {
        return failed(id, new UnknownOperation({ operation: method }), { code: -32601, status: 404 })
      }
      return yield* call(operation, params, headers, id)
    })

    /** A call without an id wants no answer; its failure still has a status, since somebody may look at that. */
    const single = (sent: unknown, headers: Headers) =>
      Effect.map(answer(sent, headers), (found) =>
        found.status === 200 && isNotification(sent)
          ? HttpServerResponse.empty({ status: 204, headers: plainHeaders })
          : response(found))

    const batch = Effect.fnUntraced(function*(sent: ReadonlyArray<unknown>, headers: Headers) {
      if (sent.length === 0 || sent.length > maxBatch) {
        return response(invalidRequest(null, `a batch has between 1 and ${maxBatch} calls`))
      }
      const answers = yield* Effect.forEach(sent, (one) => answer(one, headers), { concurrency: 4 })
      const wanted = answers.filter((_, index) => !isNotification(sent[index]))
      return wanted.length === 0
        ? HttpServerResponse.empty({ status: 204, headers: plainHeaders })
        : HttpServerResponse.jsonUnsafe(wanted.map((found) => found.body), { headers: plainHeaders })
    })

    yield* router.add("POST", "/rpc/json", (request) =>
      Effect.gen(function*() {
        const sent = yield* Effect.result(Effect.mapError(Effect.flatMap(request.text, parseJson), unreadable))
        if (sent._tag === "Failure") return response(sent.failure)
        return yield* Array.isArray(sent.success)
          ? batch(sent.success, request.headers)
          : single(sent.success, request.headers)
      }).pipe(answering("JsonRpc")))
  }))
