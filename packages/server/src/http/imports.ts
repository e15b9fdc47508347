import { BadRequest } from "@sheaf/domain/edge/errors"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { ImportId } from "@sheaf/domain/ids"
import { type Import, ImportRowState } from "@sheaf/domain/imports/Import"
import { Effect, Layer, Option, Schema, Stream } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { Gate } from "../edge/Gate.ts"
import { ImportFiles, type Standing } from "../imports/ImportFiles.ts"
import { Imports } from "../imports/Imports.ts"
import { resultHeader, resultLine } from "../imports/results.ts"
import { answering, plainHeaders } from "./answers.ts"
import { contentDisposition } from "./contentDisposition.ts"
import { bodyOf, bytesHeader, decode, pathParameter } from "./requests.ts"

const importId = pathParameter("importId", ImportId)

const States = Schema.Struct({
  state: Schema.optionalKey(Schema.Union([ImportRowState, Schema.Array(ImportRowState)]))
})
const decodeStates = decode("the query", Schema.Unknown.pipe(Schema.decodeTo(States)))

/** Rows asked for by one statement. */
const page = 200

const headersOf = ({ announced, expiresAt, isComplete, offset }: Standing) => ({
  ...plainHeaders,
  "upload-offset": String(offset),
  "upload-complete": isComplete ? "?1" : "?0",
  "upload-expires": expiresAt.toUTCString(),
  ...(announced !== null && { "upload-length": String(announced) })
})

const shown = ({ importId, maxBytes, offset }: Standing) => ({ importId, offset, maxBytes })

/** Files of imports by plain HTTP, in pieces that can be resumed, and what became of their rows. */
export const layer = Layer.effectDiscard(Effect.gen(function*() {
  const files = yield* ImportFiles
  const gate = yield* Gate
  const imports = yield* Imports
  const router = yield* HttpRouter.HttpRouter

  // HEAD is answered by the same route, without the body.
  yield* router.add("GET", "/imports/:importId/file", (request) =>
    Effect.gen(function*() {
      const caller = yield* gate.admit(request.headers, { operation: "ImportsFileGet", scope: "write" })
      const standing = yield* files.standing(caller, yield* importId)
      return HttpServerResponse.jsonUnsafe(shown(standing), { headers: headersOf(standing) })
    }).pipe(answering("ImportsFileGet")))

  yield* router.add("PATCH", "/imports/:importId/file", (request) =>
    Effect.gen(function*() {
      const caller = yield* gate.admit(request.headers, { operation: "ImportsFilePatch", scope: "write" })
      const offset = yield* bytesHeader(request, "upload-offset")
      if (offset === undefined) return yield* new BadRequest({ reason: "the header Upload-Offset is missing" })
      const standing = yield* files.receive(caller, {
        importId: yield* importId,
        offset,
        length: yield* bytesHeader(request, "content-length"),
        isLast: request.headers["upload-complete"] === "?1",
        bytes: bodyOf(request)
      })
      const headers = headersOf(standing)
      return standing.isComplete
        ? HttpServerResponse.jsonUnsafe(shown(standing), { status: 201, headers })
        : HttpServerResponse.empty({ status: 204, headers })
    }).pipe(answering("ImportsFilePatch")))

  /** As far as the rows have got; whoever wants all of them asks when the import is over. */
  const results = (caller: Caller, { id, target }: Import, states: ReadonlyArray<ImportRowState> | undefined) =>
    Stream.paginate(
      undefined as Parameters<typeof imports.rows>[1]["cursor"],
      Effect.fnUntraced(function*(cursor) {
        const { items, next } = yield* Effect.orDie(imports.rows(caller, {
          importId: id,
          limit: page,
          ...(cursor !== undefined && { cursor }),
          ...(states !== undefined && { state: states })
        }))
        return [items.map((row) => resultLine(target, row)), Option.fromUndefinedOr(next)] as const
      })
    ).pipe((lines) => Stream.concat(Stream.make(`\ufeff${resultHeader(target)}`), lines), Stream.encodeText)

  yield* router.add("GET", "/imports/:importId/results", (request) =>
    Effect.gen(function*() {
      const caller = yield* gate.admit(request.headers, { operation: "ImportsResults", scope: "read" })
      const imported = yield* imports.get(caller, { importId: yield* importId })
      const { state } = yield* decodeStates(yield* HttpServerRequest.ParsedSearchParams)
      const states = typeof state === "string" ? [state] : state
      const name = `${imported.name.replace(/\.[^.]*$/, "")} results.csv`
      return HttpServerResponse.stream(results(caller, imported, states), {
        contentType: "text/csv; charset=utf-8",
        headers: { ...plainHeaders, "content-disposition": contentDisposition(name) }
      })
    }).pipe(answering("ImportsResults")))
}))
