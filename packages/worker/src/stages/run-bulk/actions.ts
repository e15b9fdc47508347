import type { By } from "@sheaf/adapters/lifecycle/By"
import { Control } from "@sheaf/adapters/lifecycle/Control"
import { Details } from "@sheaf/adapters/lifecycle/Details"
import { Enablement } from "@sheaf/adapters/lifecycle/Enablement"
import { Removal } from "@sheaf/adapters/lifecycle/Removal"
import type { DocumentId } from "@sheaf/domain/ids"
import type { BulkAction } from "@sheaf/domain/operations/BulkAction"
import { Effect } from "effect"

/** Whatever an action on one document can end with, besides success. */
interface Refusal {
  readonly _tag: string
  readonly message: string
}

interface Given {
  readonly documentId: DocumentId
}

/** One action on one document, within the caller's transaction. */
type Action<Tag extends BulkAction["_tag"]> = (
  by: By,
  document: Given & Omit<Extract<BulkAction, { readonly _tag: Tag }>, "_tag">
) => Effect.Effect<unknown, Refusal>

/** What each action does to a document. An action without a line here does not compile. */
export const actions = Effect.gen(function*() {
  const control = yield* Control
  const details = yield* Details
  const enablement = yield* Enablement
  const removal = yield* Removal
  const each: { readonly [Tag in BulkAction["_tag"]]: Action<Tag> } = {
    Cancel: control.cancel,
    Pause: control.pause,
    Resume: control.resume,
    Retry: control.retry,
    Prioritise: control.prioritise,
    Enable: enablement.enable,
    Disable: enablement.disable,
    Archive: enablement.archive,
    Unarchive: enablement.unarchive,
    SetMetadata: details.setMetadata,
    Delete: (by, { documentId }) => removal.document(by, documentId),
    Run: control.run
  }
  return ({ _tag, ...options }: BulkAction, by: By, documentId: DocumentId) => {
    // The action and its options belong together: both come from the same member of the union.
    const action = each[_tag] as (by: By, document: Given) => Effect.Effect<unknown, Refusal>
    return action(by, { ...options, documentId })
  }
})
