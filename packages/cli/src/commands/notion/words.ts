import { explain } from "@sheaf/domain/documents/FailureCause"
import { explainSyncFailure, type Sync } from "@sheaf/domain/syncs/Sync"
import { explainUnreachable, SyncResult } from "@sheaf/domain/syncs/SyncResult"
import { printable } from "../../terminal/style.ts"

const without = (types: ReadonlyArray<string>): string =>
  types.length === 0 ? "" : `, without blocks of the type ${types.join(", ")}`

/** What became of an item, in a line. */
export const describeResult = SyncResult.match({
  Unchanged: () => "unchanged",
  Created: ({ unsupported }) => `created${without(unsupported)}`,
  Updated: ({ unsupported }) => `updated${without(unsupported)}`,
  Renamed: ({ changed, from, unsupported }) =>
    `renamed from ${JSON.stringify(from)}${changed ? ", updated" : ""}${without(unsupported)}`,
  Gone: ({ policy }) =>
    `gone: its document is ${{ archive: "archived", disable: "disabled", delete: "deleted" }[policy]}`,
  Unreachable: ({ reason }) => `unreachable: ${explainUnreachable(reason)}`,
  Paused: ({ why }) =>
    ({ item: "paused", run: "its document is paused", deleted: "its document was deleted here" })[why],
  Failed: ({ cause }) => `failed: ${explain(cause).message}`
})

/** How a sync stands, in a line. */
export const describeSync = ({ building, cause, counts, state, total }: Sync): string => {
  const parts = Object.entries(counts).map(([name, many]) => `${many} ${name}`)
  const figures = `${parts.join(", ") || "nothing yet"} of ${total}${building > 0 ? `, ${building} being built` : ""}`
  if (cause === null) return `${state}: ${total === 0 && state === "finished" ? "there are no pages" : figures}`
  return printable(`${state}${total === 0 ? "" : `, ${figures}`}. ${explainSyncFailure(cause)}`)
}
