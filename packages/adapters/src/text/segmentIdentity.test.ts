import { DocumentId, SpaceId } from "@sheaf/domain/ids"
import { assert, describe, it } from "@effect/vitest"
import { createHash } from "node:crypto"
import { identities } from "./segmentIdentity.ts"

const documentId = DocumentId.make("0190f5a4-7a51-7c3e-9d6b-1f2e3d4c5b6a")
const spaceId = SpaceId.make("0123456789abcdef")
const draft = (text: string, ...headingPath: ReadonlyArray<string>) => ({ text, headingPath })

describe("identities", () => {
  it("are the same for the same content at the same place among its equals", () => {
    const first = identities({ documentId, spaceId })
    const second = identities({ documentId, spaceId })
    const drafts = [draft("a"), draft("b", "T"), draft("a"), draft("a")]
    const ids = drafts.map((it) => first(it).id)
    assert.deepStrictEqual(drafts.map((it) => second(it).id), ids)
    assert.strictEqual(new Set(ids).size, 4)
    for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  it("do not change with what else is in the document", () => {
    const alone = identities({ documentId, spaceId })(draft("b", "T"))
    const among = identities({ documentId, spaceId })
    among(draft("a"))
    assert.deepStrictEqual(among(draft("b", "T")), alone)
  })

  it("differ by document, space, text and heading path, however these are put together", () => {
    const other = DocumentId.make("0190f5a4-7a51-7c3e-9d6b-1f2e3d4c5b6b")
    const ids = [
      identities({ documentId, spaceId })(draft("b", "T")),
      identities({ documentId: other, spaceId })(draft("b", "T")),
      identities({ documentId, spaceId: SpaceId.make("fedcba9876543210") })(draft("b", "T")),
      identities({ documentId, spaceId })(draft("b")),
      identities({ documentId, spaceId })(draft("b", "T", "")),
      identities({ documentId, spaceId })(draft("T\n\nb"))
    ].map(({ id }) => id)
    assert.strictEqual(new Set(ids).size, ids.length)
  })

  it("hash what is embedded", () => {
    const { textHash } = identities({ documentId, spaceId })(draft("b", "S", "T"))
    assert.strictEqual(textHash as string, createHash("sha256").update("S > T\n\nb").digest("hex"))
  })
})
