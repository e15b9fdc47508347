import { assert, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { readFileSync } from "node:fs"
import * as NotionDouble from "../support/notion/NotionDouble.ts"
import { paragraph } from "../support/notion/Workspace.ts"
import { recorded } from "./recorded.ts"

/** Of no use to anybody who reads. */
const beside = new Set(["request_id", "additional_data"])

const namesOf = (value: object) => Object.keys(value).filter((name) => !beside.has(name))

it.live("the double answers what Notion was recorded to answer", () =>
  Effect.gen(function*() {
    const { token, url, workspace } = yield* NotionDouble.start({ pageSize: 1 })
    const source = workspace.addDatabase({ title: "Parts" })
    const row = workspace.addPage({ title: "Pump", parent: { kind: "database", id: source.id } })
    const value = [{ id: row.id }]
    const page = workspace.addPage({
      title: "one",
      blocks: [paragraph("words")],
      properties: { Uses: { id: "uses", type: "relation", value } }
    })
    const ask = (method: string, path: string, secret = Redacted.value(token)) =>
      Effect.promise(async () => {
        const headers = { authorization: `Bearer ${secret}` }
        const response = await fetch(`${url.origin}/v1/${path}`, {
          method,
          headers,
          ...(method === "POST" && { body: "{}" })
        })
        return await response.json() as { readonly [name: string]: unknown }
      })
    const answers = {
      bot: yield* ask("GET", "users/me"),
      page: yield* ask("GET", `pages/${page.id}`),
      source: yield* ask("GET", `data_sources/${source.id}`),
      database: yield* ask("GET", `databases/${source.databaseId}`),
      error: yield* ask("GET", "users/me", "wrong"),
      children: yield* ask("GET", `blocks/${page.id}/children`),
      rows: yield* ask("POST", `data_sources/${source.id}/query`),
      search: yield* ask("POST", "search"),
      items: yield* ask("GET", `pages/${page.id}/properties/uses`)
    }
    for (const [name, answer] of Object.entries(answers)) {
      const known = recorded.answers[name as keyof typeof answers]
      assert.includeMembers(namesOf(answer), namesOf(known), name)
      for (const field of namesOf(known)) {
        const [mine, theirs] = [answer[field], Reflect.get(known, field)]
        // What may be null is so in some of the recordings.
        if (mine !== null && theirs !== null) assert.strictEqual(typeof mine, typeof theirs, `${name}.${field}`)
      }
    }
    const [block] = answers.children["results"] as ReadonlyArray<object>
    const known = recorded.blocks.find(({ type }) => type === "paragraph")!
    assert.includeMembers(namesOf(block!), namesOf(known))
  }))

it("errors of the fixture are of the recorded shape", () => {
  const errors: ReadonlyArray<{ readonly body: unknown }> = JSON.parse(
    readFileSync(new URL("../fixtures/notion/errors.json", import.meta.url), "utf8")
  )
  for (const { body } of errors) {
    if (typeof body === "object" && body !== null) {
      assert.includeMembers(Object.keys(body), ["object", "status", "code", "message"])
    }
  }
})
