import { importEnded } from "@sheaf/adapters/lifecycle/importEnded"
import { AppsRepo } from "@sheaf/adapters/repos/annotations/AppsRepo"
import { ownerOf, type PageOptions } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { ImportsRepo } from "@sheaf/adapters/repos/imports/ImportsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import type { IfExists } from "@sheaf/domain/annotations/Annotation"
import { AppArchived, AppNotFound } from "@sheaf/domain/annotations/errors"
import { cleanName } from "@sheaf/domain/documents/cleanName"
import { DocumentNotFound, StateConflict, UploadTooLarge } from "@sheaf/domain/documents/errors"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { BadRequest } from "@sheaf/domain/edge/errors"
import { ImportId, type PageCursor } from "@sheaf/domain/ids"
import { ImportNotFound, ImportOver, TooManyImports } from "@sheaf/domain/imports/errors"
import { importFields } from "@sheaf/domain/imports/fields"
import {
  type Import,
  type ImportReading,
  type ImportRow,
  type ImportRowState,
  isImportOver
} from "@sheaf/domain/imports/Import"
import { importLimits } from "@sheaf/domain/imports/importLimits"
import { importKindOf, type ImportTarget } from "@sheaf/domain/imports/ImportTarget"
import { Context, Effect, Layer, Option } from "effect"
import { lookUntil } from "../edge/lookUntil.ts"
import { pageOr } from "../edge/pageOr.ts"
import { oweImport } from "./oweImport.ts"

interface Named {
  readonly importId: ImportId
}

interface Page<Item> {
  readonly items: ReadonlyArray<Item>
  readonly next?: PageCursor
}

export interface NewImport {
  readonly target: ImportTarget
  readonly name: string
  readonly size?: number
  readonly ifExists?: IfExists
  readonly reading?: ImportReading
}

type Refused =
  | AppNotFound
  | AppArchived
  | DocumentNotFound
  | StateConflict
  | UploadTooLarge
  | TooManyImports
  | BadRequest

/** Rows of files that are carried out by a job. Changes are part of the caller's transaction. */
export class Imports extends Context.Service<Imports, {
  /** Nobody sends a byte for what would be refused. */
  readonly create: (caller: Caller, wanted: NewImport) => Effect.Effect<Import, Refused>
  readonly get: (
    caller: Caller,
    which: Named & { readonly after?: number; readonly waitMs?: number }
  ) => Effect.Effect<Import, ImportNotFound>
  readonly list: (caller: Caller, options: PageOptions) => Effect.Effect<Page<Import>, BadRequest>
  readonly rows: (
    caller: Caller,
    options: Named & PageOptions & { readonly state?: ReadonlyArray<ImportRowState> }
  ) => Effect.Effect<Page<ImportRow>, ImportNotFound | BadRequest>
  readonly cancel: (caller: Caller, which: Named) => Effect.Effect<Import, ImportNotFound | ImportOver>
}>()("@sheaf/server/imports/Imports") {
  static readonly layer = Layer.effect(
    Imports,
    Effect.gen(function*() {
      const apps = yield* AppsRepo
      const documents = yield* DocumentsRepo
      const owe = yield* oweImport
      const repo = yield* ImportsRepo
      const tell = yield* importEnded

      const find = Effect.fnUntraced(function*(caller: Caller, { importId }: Named) {
        const found = yield* repo.find(caller, importId)
        if (Option.isNone(found)) return yield* new ImportNotFound({ importId })
        return found.value
      })

      const checkTarget = Effect.fnUntraced(function*(caller: Caller, target: ImportTarget) {
        if ("appId" in target) {
          const { appId } = target
          const app = yield* apps.find(caller.tenantId, appId)
          if (Option.isNone(app)) return yield* new AppNotFound({ appId })
          if (app.value.archived) return yield* new AppArchived({ appId })
          return
        }
        const { documentId } = target
        const document = yield* documents.find(caller, documentId)
        if (Option.isNone(document)) return yield* new DocumentNotFound({ documentId })
        const { publishedRunId, status } = document.value
        if (publishedRunId !== null) return
        const allowed = ["wait until a version is published"]
        return yield* new StateConflict({ documentId, status, action: "be given segments", allowed })
      })

      const checkReading = (target: ImportTarget, { columns = {} }: ImportReading) => {
        const names = importFields[importKindOf(target)].map(({ name }) => name)
        const strange = Object.keys(columns).find((name) => !names.includes(name))
        if (strange === undefined) return Effect.void
        const reason = `\`reading.columns\`: there is no field ${JSON.stringify(strange)}; there are ${
          names.join(", ")
        }`
        return Effect.fail(new BadRequest({ reason }))
      }

      const create: Imports["Service"]["create"] = Effect.fn("Imports.create")(
        function*(caller, { ifExists = "skip", name, reading = {}, size, target }) {
          yield* checkTarget(caller, target)
          yield* checkReading(target, reading)
          const { maxBytes, open } = importLimits
          if (size !== undefined && size > maxBytes) return yield* new UploadTooLarge({ limit: maxBytes })
          const made = yield* repo.insert(caller, open, {
            id: yield* newId(ImportId),
            target,
            name: cleanName(name),
            size: size ?? null,
            ifExists,
            reading
          })
          if (Option.isNone(made)) return yield* new TooManyImports({ limit: open })
          return made.value
        }
      )

      const get: Imports["Service"]["get"] = Effect.fn("Imports.get")(
        function*(caller, { after = Number.POSITIVE_INFINITY, waitMs, ...named }) {
          return yield* lookUntil(find(caller, named), {
            waitMs,
            isEnough: ({ revision, state }) => isImportOver(state) || revision > after
          })
        }
      )

      const cancel: Imports["Service"]["cancel"] = Effect.fn("Imports.cancel")(function*(caller, named) {
        const { importId } = named
        const { state } = yield* find(caller, named)
        const cancelled = yield* repo.cancel(caller.tenantId, importId)
        if (Option.isNone(cancelled)) return yield* new ImportOver({ importId, state })
        yield* tell(caller.tenantId, cancelled.value, ownerOf(caller))
        // What is there of its file goes with the job.
        yield* owe(caller.tenantId, importId)
        return cancelled.value
      })

      return Imports.of({
        create,
        get,
        list: (caller, options) => pageOr(repo.list(caller, options)),
        rows: (caller, options) => Effect.andThen(find(caller, options), pageOr(repo.rows(caller.tenantId, options))),
        cancel
      })
    })
  )
}
