import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Evidence } from "./evidence/Evidence.ts"
import { type Findings, isSound, judge } from "./judge.ts"
import { type Item, makeLibrary } from "./library.ts"

const datasetId = "d"
const vector = new Float32Array([0.6, 0.8])

/** An installation in which each paragraph is a segment and all is well. */
const sound = (library: ReadonlyArray<Item>): Evidence => {
  const documents = library.map(({ bytes, marks, name, sha256 }, at) => ({
    id: `${at}`,
    datasetId,
    name,
    size: bytes.length,
    contentHash: sha256,
    publishedRunId: `run ${at}`,
    latestRunId: `run ${at}`,
    segments: marks.length
  }))
  const segments = library.flatMap(({ marks }, at) =>
    marks.map((text) => ({
      id: text,
      documentId: `${at}`,
      datasetId,
      text,
      tokens: 3,
      indexState: "in_sync",
      vector: Buffer.from(vector.buffer).toString("base64")
    }))
  )
  return {
    documents,
    runs: documents.map(({ id }) => ({ id: `run ${id}`, documentId: id, state: "published" })),
    members: library.flatMap(({ marks }, at) =>
      marks.map((segmentId, ordinal) => ({ runId: `run ${at}`, ordinal, segmentId }))
    ),
    segments,
    publications: documents.map(({ publishedRunId }) => publishedRunId),
    counters: [{
      datasetId,
      documents: documents.length,
      segments: segments.length,
      tokens: 3 * segments.length,
      bytes: documents.reduce((sum, { size }) => sum + size, 0)
    }],
    openUploads: [],
    owedJobs: 0,
    openUnits: 0,
    entries: segments.map(({ documentId, id }) => ({ segmentId: id, documentId, datasetId, vector: [...vector] })),
    blobs: documents.map(({ contentHash, id }) => ({ key: `t/${datasetId}/${id}/raw`, sha256: contentHash }))
  }
}

const first = <A>(items: ReadonlyArray<A>) => items[0]!
const second = <A>(items: ReadonlyArray<A>) => items[1]!

/** Each is what some defect would leave behind. */
const defects: Record<
  string,
  { readonly kind: keyof Findings; readonly make: (e: Evidence) => Partial<Evidence> }
> = {
  "a document is missing": { kind: "lost", make: (e) => ({ documents: e.documents.slice(1) }) },
  "a document is not published": {
    kind: "lost",
    make: (e) => ({ documents: e.documents.map((d, at) => at === 0 ? { ...d, publishedRunId: null } : d) })
  },
  "a segment fell out of its run": { kind: "lost", make: (e) => ({ members: e.members.slice(1) }) },
  "a segment is not in the index": { kind: "lost", make: (e) => ({ entries: e.entries.slice(1) }) },
  "an original is gone": { kind: "lost", make: (e) => ({ blobs: e.blobs.slice(1) }) },
  "nobody was told": { kind: "lost", make: (e) => ({ publications: e.publications.slice(1) }) },
  "a document came twice": {
    kind: "duplicated",
    make: (e) => ({ documents: [...e.documents, { ...first(e.documents), id: "again" }] })
  },
  "a document was announced twice": {
    kind: "duplicated",
    make: (e) => ({ publications: [...e.publications, first(e.publications)] })
  },
  "a second run was published": {
    kind: "duplicated",
    make: (e) => ({ runs: [...e.runs, { ...first(e.runs), id: "again" }] })
  },
  "a segment is in its run twice": {
    kind: "duplicated",
    make: (e) => ({
      members: [...e.members, { ...first(e.members), ordinal: first(e.documents).segments }]
    })
  },
  "an entry is in the index twice": {
    kind: "duplicated",
    make: (e) => ({ entries: [...e.entries, first(e.entries)] })
  },
  "a segment belongs to no run": {
    kind: "orphans",
    make: (e) => ({ segments: [...e.segments, { ...first(e.segments), id: "nobody's" }] })
  },
  "an entry has no segment": {
    kind: "orphans",
    make: (e) => ({ entries: [...e.entries, { ...first(e.entries), segmentId: "nobody's" }] })
  },
  "a blob has no document": {
    kind: "orphans",
    make: (e) => ({ blobs: [...e.blobs, { key: "t/d/nobody/raw", sha256: null }] })
  },
  "a counter is one off": {
    kind: "drift",
    make: (e) => ({ counters: e.counters.map((c) => ({ ...c, segments: c.segments + 1 })) })
  },
  "a document's own counter is one off": {
    kind: "drift",
    make: (e) => ({ documents: e.documents.map((d, at) => at === 0 ? { ...d, segments: d.segments + 1 } : d) })
  },
  "an entry has another vector": {
    kind: "stale",
    make: (e) => ({ entries: e.entries.map((x, at) => at === 0 ? { ...x, vector: [0.8, 0.6] } : x) })
  },
  "an entry has no vector": {
    kind: "stale",
    make: (e) => ({ entries: e.entries.map((x, at) => at === 0 ? { ...x, vector: null } : x) })
  },
  "segments changed places": {
    kind: "stale",
    make: (e) => ({
      members: [
        { ...first(e.members), ordinal: 1 },
        { ...second(e.members), ordinal: 0 },
        ...e.members.slice(2)
      ]
    })
  },
  "a later run is under way": {
    kind: "stale",
    make: (e) => ({ documents: e.documents.map((d, at) => at === 0 ? { ...d, latestRunId: "later" } : d) })
  },
  "work is still owed": { kind: "stale", make: () => ({ owedJobs: 1 }) },
  "an original has other bytes": {
    kind: "stale",
    make: (e) => ({ blobs: e.blobs.map((b, at) => at === 0 ? { ...b, sha256: "0" } : b) })
  }
}

describe("judge", () => {
  it.effect("finds nothing where all is well", () =>
    Effect.gen(function*() {
      const library = yield* makeLibrary(1, 12)
      assert.isTrue(isSound(judge(library, sound(library))))
    }))

  for (const [name, { kind, make }] of Object.entries(defects)) {
    it.effect(`says ${kind}: ${name}`, () =>
      Effect.gen(function*() {
        const library = yield* makeLibrary(2, 6)
        const evidence = sound(library)
        assert.isNotEmpty(judge(library, { ...evidence, ...make(evidence) })[kind])
      }))
  }

  it.effect("the same seed gives the same library, and no paragraph twice", () =>
    Effect.gen(function*() {
      const [one, two] = [yield* makeLibrary(3, 20), yield* makeLibrary(3, 20)]
      const marks = one.flatMap((item) => item.marks)
      assert.strictEqual(new Set(marks).size, marks.length)
      assert.deepStrictEqual(one.map((item) => item.marks), two.map((item) => item.marks))
    }))
})
