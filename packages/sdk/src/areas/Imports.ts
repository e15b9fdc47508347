import type { IfExists } from "@sheaf/domain/annotations/Annotation"
import { type AppId, type DocumentId, ImportId } from "@sheaf/domain/ids"
import type { Import, ImportReading, ImportRow, ImportRowState } from "@sheaf/domain/imports/Import"
import { type Duration, Effect, Schema } from "effect"
import type { Calls } from "../connection/Calls.ts"
import { type Endpoint, millis } from "../connection/Endpoint.ts"
import type { Http, HttpError } from "../connection/Http.ts"
import type { CallError } from "../connection/rpc.ts"
import { type SourceUnreadable, TimedOut, type VersionSkew } from "../errors/client.ts"
import type { CallOptions, MutationOptions, Page, PageOptions } from "../options.ts"
import type { Feed } from "../streams/Feed.ts"
import { openSource } from "../upload/openSource.ts"
import type { Source } from "../upload/Source.ts"
import { transfer } from "../upload/transfer.ts"
import { pageOf } from "./Datasets.ts"
import { everyItem } from "./pages.ts"

/** Where rows go: questions and answers to an app, segments to the published version of a document. */
export type ImportInto = { readonly app: string } | { readonly document: string }

/** What happens to an import on its way; each may come many times. */
export type ImportEvent =
  /** Bytes of the file that arrived, of all; `total` is `null` for a stream of unknown length. */
  | { readonly type: "uploading"; readonly sent: number; readonly total: number | null }
  /** From here on the work is the server's. */
  | { readonly type: "accepted"; readonly importId: string }
  /** Only while somebody waits with `finished()`. */
  | { readonly type: "progress"; readonly import: Import }

interface Watching {
  readonly onProgress?: ((event: ImportEvent) => void) | undefined
}

export interface ImportOptions extends MutationOptions, ImportReading, Watching {
  /** Default: the source's own name, if it has one. Its ending says what a text is, where the text leaves that open. */
  readonly name?: string
  /** What becomes of a row that is there already: `skip` (the default), `overwrite` or `append`. */
  readonly ifExists?: IfExists
}

export interface ImportFinishOptions extends Watching {
  /** The longest to wait. Default: as long as it takes. */
  readonly deadline?: Duration.Input | undefined
}

export interface ImportRowsOptions extends PageOptions, CallOptions {
  readonly state?: ImportRowState | ReadonlyArray<ImportRowState>
}

export type ImportError = CallError<"ImportsCreate" | "ImportsGet"> | HttpError | SourceUnreadable | VersionSkew

/** Rows of files, each with its result. */
export interface Imports {
  /** Sends a file. Returns when the server has all of it and owes the work; `finished` waits for the rest. */
  readonly create: (into: ImportInto, source: Source, options?: ImportOptions) => Effect.Effect<Import, ImportError>
  readonly get: (importId: string, options?: CallOptions) => Effect.Effect<Import, CallError<"ImportsGet">>
  /** Waits until it is over. Rows that failed are no error, nor is an import that did: its `state` and `failure` say so. */
  readonly finished: (
    importId: string,
    options?: ImportFinishOptions
  ) => Effect.Effect<Import, CallError<"ImportsGet"> | TimedOut>
  /** One page, newest first. */
  readonly list: (options?: PageOptions & CallOptions) => Effect.Effect<Page<Import>, CallError<"ImportsList">>
  readonly all: (options?: PageOptions & CallOptions) => Feed<Import, CallError<"ImportsList">>
  /** What became of each row, in the order of the file: one page. */
  readonly rows: (
    importId: string,
    options?: ImportRowsOptions
  ) => Effect.Effect<Page<ImportRow>, CallError<"ImportsRows">>
  readonly everyRow: (importId: string, options?: ImportRowsOptions) => Feed<ImportRow, CallError<"ImportsRows">>
  /** The same as a CSV, in which no cell is a formula. The answer's body is a stream: nothing is read until you read it. */
  readonly results: (
    importId: string,
    options?: CallOptions & Pick<ImportRowsOptions, "state">
  ) => Effect.Effect<Response, HttpError>
  /** Rows whose turn has not come are left out; what was done stays done. */
  readonly cancel: (importId: string, options?: MutationOptions) => Effect.Effect<Import, CallError<"ImportsCancel">>
}

/** How long the server is asked to wait in one call. */
const patience = 2_000

const Received = Schema.Struct({ importId: ImportId })

const statesOf = (state: ImportRowsOptions["state"]) => typeof state === "string" ? [state] : state ?? []

export const makeImports = (
  { calls, endpoint, http }: { readonly calls: Calls; readonly endpoint: Endpoint; readonly http: Http }
): Imports => {
  const named = (importId: string) => ({ importId: importId as ImportId })
  const list: Imports["list"] = ({ cursor, limit, ...options } = {}) =>
    calls.query("ImportsList", pageOf({ cursor, limit }), options)
  const rows: Imports["rows"] = (importId, { cursor, limit, state, ...options } = {}) =>
    calls.query("ImportsRows", {
      ...named(importId),
      ...pageOf({ cursor, limit }),
      ...(state !== undefined && { state: statesOf(state) })
    }, options)

  const create = Effect.fnUntraced(
    function*(into: ImportInto, source: Source, options: ImportOptions = {}): Effect.fn.Return<Import, ImportError> {
      const { columns, delimiter, format, header, ifExists, name, onProgress, ...once } = options
      const reading = {
        ...(columns && { columns }),
        ...(delimiter && { delimiter }),
        ...(format && { format }),
        ...(header !== undefined && { header })
      }
      return yield* Effect.scoped(Effect.gen(function*() {
        const open = yield* openSource(source)
        const { size } = open
        const made = yield* calls.mutate("ImportsCreate", {
          target: "app" in into
            ? { appId: into.app as AppId }
            : { documentId: into.document as DocumentId },
          name: name ?? open.name ?? "unnamed",
          reading,
          ...(size !== undefined && { size }),
          ...(ifExists && { ifExists })
        }, once)
        const onSent = (sent: number) => onProgress?.({ type: "uploading", sent, total: size ?? null })
        onSent(0)
        // A key of the caller's may name an import that began in another process: its file goes on where that one stopped.
        const begun = once.idempotencyKey !== undefined
        const path = `/imports/${made.id}/file`
        yield* transfer({ http, endpoint, source: open, path, answer: Received, begun, onSent })
        onProgress?.({ type: "accepted", importId: made.id })
        return yield* calls.query("ImportsGet", named(made.id))
      }))
    }
  )

  const finished: Imports["finished"] = (importId, { deadline, onProgress } = {}) => {
    const waited = Effect.gen(function*() {
      for (let after: number | undefined;;) {
        const now: Import = yield* calls.query("ImportsGet", {
          ...named(importId),
          ...(after !== undefined && { after, waitMs: patience })
        })
        after = now.revision
        onProgress?.({ type: "progress", import: now })
        if (now.finishedAt !== null) return now
      }
    })
    if (deadline === undefined) return waited
    const limitMs = millis(deadline)
    return Effect.timeoutOrElse(waited, {
      duration: limitMs,
      orElse: () => Effect.fail(new TimedOut({ operation: "imports.finished", limitMs }))
    })
  }

  return {
    create,
    finished,
    list,
    rows,
    all: (options = {}) => everyItem(list, options),
    everyRow: (importId, options = {}) => everyItem((page: ImportRowsOptions) => rows(importId, page), options),
    get: (importId, options) => calls.query("ImportsGet", named(importId), options),
    results: (importId, { state, timeout } = {}) => {
      const query = statesOf(state).map((one) => `state=${one}`).join("&")
      return http.send(`/imports/${encodeURIComponent(importId)}/results${query && `?${query}`}`, {
        method: "GET",
        ...(timeout !== undefined && { limitMs: millis(timeout) })
      })
    },
    cancel: (importId, options) => calls.mutate("ImportsCancel", named(importId), options)
  }
}
