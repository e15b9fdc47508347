import type { DriftReport, DriftSummary } from "@sheaf/domain/admin/DriftRpcs"
import type { Effect } from "effect"
import type { Calls } from "../connection/Calls.ts"
import type { CallError } from "../connection/rpc.ts"
import type { CallOptions, MutationOptions, Page, PageOptions } from "../options.ts"
import type { Feed } from "../streams/Feed.ts"
import { pageOf } from "./Datasets.ts"
import { everyItem } from "./pages.ts"

type ListOptions = PageOptions & CallOptions
type LookOptions = MutationOptions & { readonly repair?: boolean }

/** What is out of step in the tenant: for keys with the scope `admin`. */
export interface Drift {
  /** Begins to look, in the background; with `repair` what is found is put right. Where somebody is looking, answers that. */
  readonly look: (options?: LookOptions) => Effect.Effect<DriftReport, CallError<"DriftLook">>
  /** The latest first. */
  readonly list: (options?: ListOptions) => Effect.Effect<Page<DriftReport>, CallError<"DriftReports">>
  readonly all: (options?: ListOptions) => Feed<DriftReport, CallError<"DriftReports">>
  /** The same in every tenant: for keys with the scope `operator`. */
  readonly lookEverywhere: (
    options?: LookOptions
  ) => Effect.Effect<{ readonly begun: number }, CallError<"DriftLookEverywhere">>
  /** Every tenant with its last report, by name. */
  readonly listEverywhere: (options?: ListOptions) => Effect.Effect<Page<DriftSummary>, CallError<"DriftSummaries">>
  readonly allEverywhere: (options?: ListOptions) => Feed<DriftSummary, CallError<"DriftSummaries">>
}

export const makeDrift = (calls: Calls): Drift => {
  const list: Drift["list"] = ({ cursor, limit, ...options } = {}) =>
    calls.query("DriftReports", pageOf({ cursor, limit }), options)
  const listEverywhere: Drift["listEverywhere"] = ({ cursor, limit, ...options } = {}) =>
    calls.query("DriftSummaries", pageOf({ cursor, limit }), options)
  return {
    look: ({ repair = false, ...options } = {}) => calls.mutate("DriftLook", { repair }, options),
    list,
    all: (options = {}) => everyItem(list, options),
    lookEverywhere: ({ repair = false, ...options } = {}) => calls.mutate("DriftLookEverywhere", { repair }, options),
    listEverywhere,
    allEverywhere: (options = {}) => everyItem(listEverywhere, options)
  }
}
