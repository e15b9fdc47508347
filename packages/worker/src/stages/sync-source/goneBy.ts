import type { By } from "@sheaf/adapters/lifecycle/By"
import { Enablement } from "@sheaf/adapters/lifecycle/Enablement"
import { Removal } from "@sheaf/adapters/lifecycle/Removal"
import type { Known } from "@sheaf/adapters/repos/syncs/knownItem"
import type { OnGone } from "@sheaf/domain/syncs/Source"
import { Effect } from "effect"

/** Within the transaction of an item's turn. A document that is gone meanwhile is none that could be hidden. */
export const tombstones = Effect.gen(function*() {
  const enablement = yield* Enablement
  const removal = yield* Removal
  const unless = <A, E extends { readonly _tag: string }>(effect: Effect.Effect<A, E>, otherwise: A) =>
    effect.pipe(
      Effect.catch(({ _tag, message }: E & { readonly message?: string }) =>
        _tag === "DocumentNotFound" ? Effect.succeed(otherwise) : Effect.die(new Error(message ?? _tag))
      )
    )

  /** Hides or deletes the document of a page that is gone. Answers what to undo when the page comes back. */
  const hide = Effect.fnUntraced(function*(by: By, { documentId, hidden }: Known, policy: OnGone) {
    if (documentId === null) return null
    if (policy === "delete") {
      yield* unless(removal.document(by, documentId), undefined)
      return null
    }
    const change = policy === "archive" ? enablement.archive : enablement.disable
    const { changed } = yield* unless(change(by, { documentId }), { changed: false, generation: 0 })
    // What somebody has hidden by hand stays so.
    return changed ? policy : hidden
  })

  /** The page is there again. */
  const show = Effect.fnUntraced(function*(by: By, { documentId, hidden }: Known) {
    if (documentId === null || hidden === null) return
    const change = hidden === "archive" ? enablement.unarchive : enablement.enable
    yield* unless(change(by, { documentId }), { changed: false, generation: 0 })
  })

  return { hide, show }
})
