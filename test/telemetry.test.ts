import { assert, it } from "@effect/vitest"
import { connect } from "@sheaf/sdk"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect, Redacted, Tracer } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Cli from "./support/processes/Cli.ts"
import * as Database from "./support/database/Database.ts"
import * as OtlpCollector from "./support/backends/OtlpCollector.ts"
import { temporaryFolder } from "./support/temporaryFolder.ts"

const stages = ["ParsePages", "ChunkDocument", "EmbedSegments", "IndexSegments", "PublishRun"]

const stageOf = (span: OtlpCollector.Span) =>
  span.name === "Runner.perform" ? OtlpCollector.attributeOf(span, "stage") : undefined

/** A span of a program that uses Sheaf. */
const caller = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" }

/** Serves a folder, takes a document in by way of the SDK and by a file, and stops. */
const ingest = Effect.fnUntraced(function*(env: Readonly<Record<string, string>>) {
  const cwd = yield* temporaryFolder("telemetry")
  yield* Database.putInto(Path.join(cwd, ".sheaf"))
  const serving = yield* Cli.start(["serve", "--port", "0", "--json"], { cwd, env })
  yield* Effect.promise(async () => {
    await serving.until("credentials")
    const { url } = JSON.parse(serving.stdout)
    const key = Fs.readFileSync(Path.join(cwd, ".sheaf/credentials"), "utf8").trim()
    await using sheaf = connect({ url, key })
    const dataset = await sheaf.datasets.create({ name: "animals" })
    const document = await sheaf.documents.ingest(
      new TextEncoder().encode("# Otters\n\nThis page is about otters."),
      { dataset: dataset.id, name: "otters.md" }
    )
    await document.done()
    await sheaf.search({ text: "otters", datasets: [dataset] })
  })
  const { url } = JSON.parse(serving.stdout)
  const key = Redacted.make(Fs.readFileSync(Path.join(cwd, ".sheaf/credentials"), "utf8").trim())
  yield* Effect.gen(function*() {
    const sheaf = yield* Sheaf
    const dataset = yield* sheaf.datasets.ensure("animals")
    yield* sheaf.documents.ingest(new TextEncoder().encode("About newts."), { dataset: dataset.id, name: "newts.txt" })
  }).pipe(
    Effect.provide(Sheaf.layer({ url, key })),
    Effect.withSpan("caller", { parent: Tracer.externalSpan(caller) }),
    // One that keeps its spans to itself, but is not the default.
    Effect.provideService(Tracer.Tracer, Tracer.make({ span: (options) => new Tracer.NativeSpan(options) }))
  )
  serving.signal("SIGTERM")
  return yield* Effect.promise(() => serving.finished)
})

it.live("one upload is one trace, from the request through every stage", () =>
  Effect.gen(function*() {
    const collector = yield* OtlpCollector.start
    const { code } = yield* ingest({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: "x-key=a%20secret"
    })
    assert.strictEqual(code, 0)
    const { keys, paths, spans } = collector
    assert.isTrue(spans.every(({ service }) => service === "sheaf"))
    assert.deepStrictEqual([...keys], ["a secret"])
    assert.sameMembers([...paths], ["/v1/traces", "/v1/metrics", "/v1/logs"])

    const byId = new Map(spans.map((span) => [span.spanId, span]))
    const traces = Map.groupBy(spans, ({ traceId }) => traceId)
    const published = spans.filter((span) => stageOf(span) === "PublishRun")
    assert.lengthOf(published, 1)
    const trace = traces.get(published[0]!.traceId)!

    // Every span but the first has its parent in the same trace, and the first is the request that brought the last bytes.
    const roots = trace.filter(({ parentSpanId }) => parentSpanId === undefined)
    assert.lengthOf(roots, 1, JSON.stringify(roots.map(({ name }) => name)))
    assert.include(roots[0]!.name, "PATCH")
    for (const { name, parentSpanId } of trace) {
      if (parentSpanId !== undefined) assert.strictEqual(byId.get(parentSpanId)?.traceId, roots[0]!.traceId, name)
    }
    // The work of each stage follows from that of the one before.
    const above = (span: OtlpCollector.Span | undefined): ReadonlyArray<string | undefined> =>
      span === undefined ? [] : [...above(byId.get(span.parentSpanId ?? "")), stageOf(span)]
    assert.deepStrictEqual(above(published[0]).filter((stage) => stage !== undefined), stages)
    for (const name of ["ParserJail.inspect", "Embedder.embedDocuments", "SearchIndex.upsert"]) {
      assert.isTrue(trace.some((span) => span.name === name), name)
    }

    // A caller that has spans finds what the server did for it in its own trace, over every way that it took.
    const called = traces.get(caller.traceId)?.map(({ name }) => name) ?? []
    for (const name of ["DatasetsList", "DocumentsUpload", "PATCH"]) {
      assert.isTrue(called.some((span) => span.includes(name)), `${name} of ${called.join(", ")}`)
    }
    traces.delete(caller.traceId)

    // What a process does by itself is in nobody's trace, and calls over one connection are traces of their own.
    for (const [, spans] of traces) {
      const root = spans.find(({ parentSpanId }) => parentSpanId === undefined)
      assert.strictEqual(root?.kind, OtlpCollector.serverKind, root?.name)
    }
    assert.isTrue(spans.some(({ name, parentSpanId }) => name === "SearchQuery" && parentSpanId === undefined))
  }), 120_000)

it.live("a collector that is not there harms nothing", () =>
  Effect.gen(function*() {
    const cwd = yield* temporaryFolder("telemetry")
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" }
    const { code, stderr } = yield* Cli.run(["datasets", "create", "animals"], { cwd, env })
    assert.strictEqual(code, 0)
    assert.notInclude(stderr, "error")
  }), 60_000)
