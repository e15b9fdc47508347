import type { Import, ImportRow } from "@sheaf/domain/imports/Import"
import type { ImportFinishOptions, ImportInto, ImportOptions, ImportRowsOptions } from "../areas/Imports.ts"
import type { CallOptions, MutationOptions, PageOptions } from "../options.ts"
import type { Source } from "../upload/Source.ts"
import type { PageCall } from "./PageCall.ts"
import { pages } from "./pages.ts"
import { type Abortable, callSite, type Runner } from "./Runner.ts"

/** Rows of files, each with its result. */
export interface ImportsClient {
  /** Sends a file. Resolves when the server has all of it and owes the work; `finished` waits for the rest. */
  create(into: ImportInto, source: Source, options?: ImportOptions & Abortable): Promise<Import>
  get(importId: string, options?: CallOptions & Abortable): Promise<Import>
  /** Waits until it is over. Rows that failed are no error, nor is an import that did: its `state` and `failure` say so. */
  finished(importId: string, options?: ImportFinishOptions & Abortable): Promise<Import>
  /** Newest first. */
  list(options?: PageOptions & CallOptions & Abortable): PageCall<Import>
  /** What became of each row, in the order of the file. */
  rows(importId: string, options?: ImportRowsOptions & Abortable): PageCall<ImportRow>
  /** The same as a CSV, in which no cell is a formula. */
  results(importId: string, options?: CallOptions & Pick<ImportRowsOptions, "state"> & Abortable): Promise<Response>
  /** Rows whose turn has not come are left out; what was done stays done. */
  cancel(importId: string, options?: MutationOptions & Abortable): Promise<Import>
}

export const importsOf = (runner: Runner): ImportsClient => ({
  create(into, source, { signal, ...options } = {}) {
    return runner.run(callSite(), (sheaf) => sheaf.imports.create(into, source, options), { signal })
  },
  get(importId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.imports.get(importId, options), options)
  },
  finished(importId, { signal, ...options } = {}) {
    return runner.run(callSite(), (sheaf) => sheaf.imports.finished(importId, options), { signal })
  },
  list(options) {
    return pages(runner, (sheaf) => sheaf.imports, options ?? {})
  },
  rows(importId, options) {
    return pages(runner, ({ imports }) => ({
      list: (page) => imports.rows(importId, page),
      all: (page) => imports.everyRow(importId, page)
    }), options ?? {})
  },
  results(importId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.imports.results(importId, options), options)
  },
  cancel(importId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.imports.cancel(importId, options), options)
  }
})
