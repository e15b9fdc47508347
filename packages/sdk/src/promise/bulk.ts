import type { BulkAction } from "@sheaf/domain/operations/BulkAction"
import type { Operation } from "@sheaf/domain/operations/Operation"
import type { Documents, FinishOptions } from "../areas/Operations.ts"
import type { MutationOptions } from "../options.ts"
import { pages } from "./pages.ts"
import { type Abortable, type CallSite, callSite, type Runner } from "./Runner.ts"
import type { OperationsClient } from "./SheafClient.ts"

/** The promise of an operation that was taken on; `finished()` waits until it is over without awaiting it first. */
export type BulkCall = Promise<Operation> & {
  finished(options?: FinishOptions & Abortable): Promise<Operation>
}

export const bulkCall = (
  runner: Runner,
  { action, documents, options: { signal, ...options } = {} }: {
    readonly action: BulkAction
    readonly documents: Documents
    readonly options?: (MutationOptions & Abortable) | undefined
  },
  site: CallSite
): BulkCall => {
  const begun = runner.run(site, (sheaf) => sheaf.operations.begin(action, documents, options), { signal })
  const finished: BulkCall["finished"] = (how) =>
    begun.then(({ id }) => {
      const { signal: given, ...rest } = { signal, ...how }
      return runner.run(site, (sheaf) => sheaf.operations.finished(id, rest), { signal: given })
    })
  return Object.assign(begun, { finished })
}

export const operationsOf = (runner: Runner): OperationsClient => ({
  get(operationId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.operations.get(operationId, options), options)
  },
  finished(operationId, { signal, ...options } = {}) {
    return runner.run(callSite(), (sheaf) => sheaf.operations.finished(operationId, options), { signal })
  },
  list(options) {
    return pages(runner, (sheaf) => sheaf.operations, options ?? {})
  },
  items(operationId, options) {
    return pages(runner, ({ operations }) => ({
      list: (page) => operations.items(operationId, page),
      all: (page) => operations.everyItem(operationId, page)
    }), options ?? {})
  },
  cancel(operationId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.operations.cancel(operationId, options), options)
  }
})
