import { assert, it } from "@effect/vitest"
import * as FastCheck from "fast-check"
import { type Listed, membersOf } from "./membersOf.ts"

const idOf = (n: number) => `00000000-0000-4000-8000-${`${n}`.padStart(12, "0")}`
const nobody = { items: new Set<string>(), databases: new Set<string>() }

/** Each lies in one that came before it, in a block, or in the workspace; or in whatever else, in a circle too. */
const forest = FastCheck.array(
  FastCheck.record({
    parent: FastCheck.nat(12),
    kind: FastCheck.constantFrom("page", "database", "block", "workspace"),
    isDatabase: FastCheck.boolean()
  }),
  { minLength: 1, maxLength: 12 }
).map((nodes) =>
  nodes.map(({ isDatabase, kind, parent }, at): Listed => ({
    id: idOf(at),
    kind: isDatabase ? "database" : "page",
    databaseId: null,
    parent: { kind, id: kind === "workspace" ? null : idOf(parent) }
  }))
)

it("what lies in what was chosen belongs to it at any depth, whatever the order of the listing", () => {
  FastCheck.assert(FastCheck.property(forest, FastCheck.nat(11), FastCheck.boolean(), (nodes, chosen, reversed) => {
    const root = idOf(chosen)
    const listed = new Map((reversed ? nodes.toReversed() : nodes).map((node) => [node.id, node]))
    const expected = new Set([root])
    for (let more = true; more;) {
      more = false
      for (const { id, parent } of nodes) {
        const lies = (parent.kind === "page" || parent.kind === "database") && expected.has(parent.id!)
        if (lies && !expected.has(id)) more = expected.add(id) !== undefined
      }
    }
    const found = membersOf(listed, [root.replaceAll("-", "").toUpperCase()], nobody).map(({ id }) => id)
    assert.deepStrictEqual(new Set(found), new Set([...expected].filter((id) => listed.has(id))))
    assert.lengthOf(membersOf(listed, "all", nobody), nodes.length)
  }))
})
