import { assert, describe, it } from "@effect/vitest"
import type { Settings } from "@sheaf/adapters/settings"
import { describeParts } from "./parts.ts"

const embedded = {
  database: { _tag: "Embedded" },
  messaging: { _tag: "InProcess" },
  blobs: { _tag: "Folder" },
  search: { _tag: "Pgvector" },
  embedder: { _tag: "Bundled" }
}
const elsewhere = {
  database: { _tag: "Postgres" },
  messaging: { _tag: "Nats" },
  blobs: { _tag: "Azure" },
  search: { _tag: "Typesense" },
  embedder: { _tag: "Server" }
}
const described = (settings: object) => describeParts(settings as unknown as Settings)

describe("the parts of an installation", () => {
  it("are said to be where they are", () => {
    assert.strictEqual(described(embedded), "database, queue, blobs, search and embedder: all in this process")
    assert.strictEqual(
      described({ ...embedded, database: elsewhere.database }),
      "database elsewhere, queue, blobs, search and embedder in this process"
    )
    assert.strictEqual(described(elsewhere), "database, queue, blobs, search and embedder: each a server of its own")
  })
})
