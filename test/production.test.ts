import { assert, it } from "@effect/vitest"
import { connect } from "@sheaf/sdk"
import { Effect } from "effect"
import { loaded, ofEmbedded, ofServers, tellingWhatItLoads } from "./support/processes/loaded.ts"
import * as OtlpCollector from "./support/backends/OtlpCollector.ts"
import * as Production from "./support/production/Production.ts"

const about = (animal: string) => `# ${animal}\n\nThis page is about ${animal}, and about nothing but ${animal}.\n`

it.live("an API and two workers do on production servers what one process does alone", () =>
  Effect.gen(function*() {
    const collector = yield* OtlpCollector.start
    const { api, key, url, workers } = yield* Production.start({
      workers: 2,
      env: { ...tellingWhatItLoads, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }
    })
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

    // From the request to the API to the last stage in a worker, each document is one trace.
    const { spans } = collector
    const published = spans.filter((span) => OtlpCollector.attributeOf(span, "stage") === "PublishRun")
    assert.lengthOf(new Set(published.map(({ traceId }) => traceId)), 4)
    for (const { service, traceId } of published) {
      assert.strictEqual(service, "sheaf-worker")
      const roots = spans.filter((span) => span.traceId === traceId && span.parentSpanId === undefined)
      assert.deepStrictEqual(roots.map(({ name, service }) => `${name} of ${service}`), [
        "DocumentsIngestText of sheaf-api"
      ])
    }
  }).pipe(Effect.scoped), 180_000)
