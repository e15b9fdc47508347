import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { forApi } from "./forApi.ts"
import { Health, type Part, type PartName, partNames } from "./Health.ts"

const down = new Error("down")

const reportWithout = (missing: PartName) => {
  const parts = partNames.map((name): Part => ({
    name,
    active: name,
    probe: name === missing ? Effect.fail(down) : Effect.void,
    remedy: "Start it."
  }))
  return Effect.flatMap(Health, ({ report }) => report).pipe(Effect.provide(Health.layer(forApi(parts))))
}

const decisive: ReadonlySet<PartName> = new Set(["database", "migrations"])

it.effect("an api is ready as long as its database is, and names whatever else is down", () =>
  Effect.forEach(partNames, (name) =>
    Effect.gen(function*() {
      const { parts, status } = yield* reportWithout(name)
      assert.strictEqual(status, decisive.has(name) ? "not ready" : "ready", name)
      const found = parts.filter(({ ok }) => !ok)
      assert.lengthOf(found, 1)
      assert.deepInclude(found[0], { name, optional: !decisive.has(name), remedy: "Start it." })
    }), { discard: true }))
