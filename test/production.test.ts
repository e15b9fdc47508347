import { assert, it } from "@effect/vitest"
import { connect } from "@sheaf/sdk"
import { Effect } from "effect"
import { loaded, ofEmbedded, ofServers, tellingWhatItLoads } from "./support/loaded.ts"
import * as Production from "./support/Production.ts"

const about = (animal: string) => `# ${animal}\n\nThis page is about ${animal}, and about nothing but ${animal}.\n`

it.live("an API and two workers do on production servers what one process does alone", () =>
  Effect.gen(function*() {
    const { api, key, url, workers } = yield* Production.start({ workers: 2, env: tellingWhatItLoads })
    yield* Effect.promise(async () => {
      await using sheaf = connect({ url, key })
      const dataset = await sheaf.datasets.create({ name: "animals" })
      const names = ["otters", "kestrels", "newts", "badgers"]
      const documents = await Promise.all(
        names.map((name) => sheaf.documents.ingest({ text: about(name) }, { dataset: dataset.id, name: `${name}.md` }))
      )
      await Promise.all(documents.map((document) => document.done()))
      const { hits } = await sheaf.search({ text: "what is said about newts", datasets: [dataset] })
      assert.strictEqual(hits[0]?.documentName, "newts.md")
    })
    yield* Effect.forEach([api, ...workers], (process) => process.end("SIGTERM"), { concurrency: "unbounded" })
    for (const process of [api, ...workers]) {
      assert.include(process.log(), "stopped", process.name)
      // Each loads the clients of the servers that it talks to, and no database or model of its own.
      const packages = loaded(process.log())
      assert.isTrue(packages.some((name) => ofServers.test(name)), process.name)
      assert.deepStrictEqual(packages.filter((name) => ofEmbedded.test(name)), [], process.name)
    }
  }).pipe(Effect.scoped), 180_000)
