import type { TenantId } from "@sheaf/domain/ids"
import type { Space } from "@sheaf/domain/spaces/Space"
import { Effect } from "effect"
import type { ofIndex } from "../stages/failures.ts"
import type { Check, Seen } from "./Check.ts"

/** Goes through the spaces of the tenant one after the other; a cursor is a space's id and a position in it. */
export const spaceBySpace = (
  spacesOf: (tenantId: TenantId) => Effect.Effect<ReadonlyArray<Space>>,
  look: (tenantId: TenantId, space: Space, after: string | null) => Effect.Effect<Seen, ReturnType<typeof ofIndex>>
): Check["look"] =>
  Effect.fnUntraced(function*(tenantId, cursor) {
    const spaces = yield* spacesOf(tenantId)
    const [at, ...rest] = (cursor ?? "").split(" ")
    const here = spaces.findIndex(({ id }) => id >= at!)
    const space = spaces[here]
    if (space === undefined) return { suspects: [], next: null }
    const { next, suspects } = yield* look(
      tenantId,
      space,
      space.id === at && rest.length > 0 ? rest.join(" ") : null
    )
    const following = spaces[here + 1]
    return { suspects, next: next !== null ? `${space.id} ${next}` : following?.id ?? null }
  })
