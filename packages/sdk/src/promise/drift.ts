import type { DriftReport, DriftSummary } from "@sheaf/domain/admin/DriftRpcs"
import type { CallOptions, MutationOptions, PageOptions } from "../options.ts"
import type { PageCall } from "./PageCall.ts"
import { pages } from "./pages.ts"
import { type Abortable, callSite, type Runner } from "./Runner.ts"

type Look = MutationOptions & Abortable & { readonly repair?: boolean }
type List = PageOptions & CallOptions & Abortable

/** What is out of step in the tenant: for keys with the scope `admin`. */
export interface DriftClient {
  /** Begins to look, in the background; with `repair` what is found is put right. Where somebody is looking, answers that. */
  look(options?: Look): Promise<DriftReport>
  /** The latest first. */
  list(options?: List): PageCall<DriftReport>
  /** The same in every tenant: for keys with the scope `operator`. */
  lookEverywhere(options?: Look): Promise<{ readonly begun: number }>
  /** Every tenant with its last report, by name. */
  listEverywhere(options?: List): PageCall<DriftSummary>
}

export const driftOf = (runner: Runner): DriftClient => ({
  look(options) {
    return runner.run(callSite(), (sheaf) => sheaf.drift.look(options), options)
  },
  list(options) {
    return pages(runner, (sheaf) => sheaf.drift, options ?? {})
  },
  lookEverywhere(options) {
    return runner.run(callSite(), (sheaf) => sheaf.drift.lookEverywhere(options), options)
  },
  listEverywhere(options) {
    return pages(
      runner,
      ({ drift }) => ({ list: drift.listEverywhere, all: drift.allEverywhere }),
      options ?? {}
    )
  }
})
