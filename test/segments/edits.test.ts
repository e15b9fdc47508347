import { assert, it } from "@effect/vitest"
import { SegmentEdits } from "@sheaf/adapters/lifecycle/SegmentEdits"
import { SegmentChangesRepo } from "@sheaf/adapters/repos/segments/SegmentChangesRepo"
import { SegmentsRepo } from "@sheaf/adapters/repos/segments/SegmentsRepo"
import type { Caller } from "@sheaf/domain/edge/Caller"
import type { DocumentId, SegmentId } from "@sheaf/domain/ids"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { engines, makeDataset, makeDocument, makeTenant, some } from "../repos/world.ts"
import { prepared, published } from "./published.ts"
import { begin, recount } from "./versions.ts"

const owed = Effect.fnUntraced(function*(caller: Caller, documentId: DocumentId) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql`select id from segments where tenant_id = ${caller.tenantId} and document_id = ${documentId}
    and index_state = 'pending'`
  return rows.map((row) => String(row["id"]))
})

for (const { layer, name } of engines) {
  it.layer(layer, { timeout: "60 seconds" })(`segments changed by hand on ${name}`, (it) => {
    it.effect("an edit puts another segment in the place of one, with its flag, keywords, page and version", () =>
      Effect.gen(function*() {
        const { caller, documentId, edit, find, list, sql, texts } = yield* published("a", "b", "c")
        const b = yield* find("b")
        yield* sql`update segments set enabled = false, keywords = '{word}' where id = ${b.id}`
        yield* sql`update segments set index_state = 'in_sync' where document_id = ${documentId}`
        const { generation, segmentId } = yield* edit(b.id, "b edited", { ifVersion: b.version })
        assert.strictEqual(generation, 1)
        assert.deepStrictEqual(yield* texts, ["a", "b edited", "c"])
        const edited = yield* find("b edited")
        assert.deepInclude(edited, {
          id: segmentId,
          origin: "edited",
          enabled: false,
          keywords: ["word"],
          ordinal: 1,
          version: b.version + 1,
          boxes: b.boxes
        })
        // The index owes it an entry, and has to take the old one's away.
        assert.sameMembers(yield* owed(caller, documentId), [b.id, segmentId])
        assert.strictEqual((yield* list).length, 3)
      }))

    it.effect("back to the text that it was cut with it is that segment again, also where the text stands twice", () =>
      Effect.gen(function*() {
        const { changes, edit, find, list } = yield* published("same", "other", "same")
        const [first, , third] = yield* list
        const edited = yield* edit(third!.id, "changed")
        yield* edit(edited.segmentId, "changed again")
        const back = yield* edit((yield* find("changed again")).id, "same")
        assert.strictEqual(back.segmentId, third!.id)
        assert.deepStrictEqual((yield* list).map(({ id }) => id), [first!.id, (yield* find("other")).id, third!.id])
        assert.strictEqual((yield* find("other")).origin, "parsed")
        assert.deepStrictEqual(yield* changes, [])
        assert.isAbove((yield* list)[2]!.version, third!.version)
      }))

    it.effect("the same text twice is two segments", () =>
      Effect.gen(function*() {
        const { add, edit, find, list, texts } = yield* published("a", "b")
        yield* add("a")
        yield* add("a")
        yield* edit((yield* find("b")).id, "a")
        assert.deepStrictEqual(yield* texts, ["a", "a", "a", "a"])
        assert.strictEqual(new Set((yield* list).map(({ id }) => id)).size, 4)
      }))

    it.effect("what is added stands where it was put, however often", () =>
      Effect.gen(function*() {
        const { add, find, texts } = yield* published("a", "b")
        const a = yield* find("a")
        yield* add("first", { after: null })
        yield* add("last")
        const placed = ["a"]
        for (let at = 0; at < 70; at++) {
          yield* add(`after ${at}`, { after: a.id })
          placed.splice(1, 0, `after ${at}`)
        }
        assert.deepStrictEqual(yield* texts, ["first", ...placed, "b", "last"])
      }))

    it.effect("an edit of an edit, a deletion of one, and an addition that is deleted leave what was last said", () =>
      Effect.gen(function*() {
        const { add, changes, edit, find, remove, texts } = yield* published("a", "b", "c")
        const once = yield* edit((yield* find("a")).id, "a1")
        const twice = yield* edit(once.segmentId, "a2")
        yield* remove(twice.segmentId)
        const added = yield* add("d")
        const changed = yield* edit(added.segmentId, "d1")
        assert.strictEqual((yield* find("d1")).origin, "added")
        yield* remove(changed.segmentId)
        yield* remove((yield* find("b")).id)
        assert.deepStrictEqual(yield* texts, ["c"])
        assert.deepStrictEqual((yield* changes).map(({ kind }) => kind), ["deleted", "deleted"])
        // What has gone is said, and is no error.
        const gone = yield* remove(twice.segmentId, (yield* find("c")).id)
        assert.deepStrictEqual(gone.missing, [twice.segmentId])
        assert.deepStrictEqual(yield* texts, [])
      }))

    it.effect("a later editor is told of the version that there is", () =>
      Effect.gen(function*() {
        const { edit, find, remove } = yield* published("a", "b")
        const a = yield* find("a")
        const { segmentId } = yield* edit(a.id, "a1", { ifVersion: a.version })
        const late = yield* Effect.flip(edit(a.id, "a2", { ifVersion: a.version }))
        assert.deepInclude(late, { _tag: "Conflict", currentVersion: a.version + 1 })
        yield* edit(segmentId, undefined, { keywords: ["word"] })
        const later = yield* Effect.flip(edit(segmentId, "a3", { ifVersion: a.version + 1 }))
        assert.deepInclude(later, { _tag: "Conflict", currentVersion: a.version + 2 })
        assert.strictEqual((yield* Effect.flip(edit(a.id, "a4")))._tag, "SegmentNotFound")
        yield* remove(segmentId)
        assert.strictEqual((yield* Effect.flip(edit(segmentId, "a5", { ifVersion: 0 })))._tag, "SegmentNotFound")
        assert.strictEqual((yield* find("b")).version, 0)
      }))

    it.effect("of editors at the same time who name the version one is heard, and the others are told", () =>
      Effect.gen(function*() {
        const { edit, find, texts } = yield* published("a", "b")
        const a = yield* find("a")
        const answers = yield* Effect.all(
          Array.from({ length: 4 }, (_, at) => Effect.result(edit(a.id, `a${at}`, { ifVersion: a.version }))),
          { concurrency: "unbounded" }
        )
        const heard = answers.flatMap((answer, at) => answer._tag === "Success" ? [`a${at}`] : [])
        assert.lengthOf(heard, 1)
        for (const answer of answers) {
          if (answer._tag === "Failure") {
            assert.deepInclude(answer.failure, { _tag: "Conflict", currentVersion: a.version + 1 })
          }
        }
        assert.deepStrictEqual(yield* texts, [heard[0], "b"])
      }))

    it.effect("editors at the same time who name none come one after the other, and what each has changed holds", () =>
      Effect.gen(function*() {
        const { changes, edit, find, texts } = yield* published("a", "b")
        const a = yield* find("a")
        // Of the same segment: the first has put another in its place, and the others are told that it is gone.
        const answers = yield* Effect.all(
          Array.from({ length: 4 }, (_, at) => Effect.result(edit(a.id, `a${at}`))),
          { concurrency: "unbounded" }
        )
        const heard = answers.flatMap((answer, at) => answer._tag === "Success" ? [`a${at}`] : [])
        assert.lengthOf(heard, 1)
        for (const answer of answers) {
          if (answer._tag === "Failure") assert.strictEqual(answer.failure._tag, "SegmentNotFound")
        }
        // One that stays in its place takes all of them, whoever comes first.
        const b = yield* find("b")
        yield* Effect.forEach(["one", "two", "three"], (word) => edit(b.id, undefined, { keywords: [word] }), {
          concurrency: "unbounded",
          discard: true
        })
        assert.deepStrictEqual(yield* texts, [heard[0], "b"])
        const last = yield* find("b")
        assert.strictEqual(last.version, b.version + 3)
        assert.lengthOf(last.keywords, 1)
        assert.deepStrictEqual((yield* changes).map(({ kind }) => kind), ["edited"])
      }))

    it.effect("keywords are changed without another segment, and nothing is changed by the same again", () =>
      Effect.gen(function*() {
        const { edit, find } = yield* published("a")
        const a = yield* find("a")
        const changed = yield* edit(a.id, undefined, { keywords: ["one", "two"] })
        assert.deepInclude(yield* find("a"), { id: a.id, keywords: ["one", "two"], version: 1, indexState: "pending" })
        const same = yield* edit(a.id, undefined, { keywords: ["one", "two"] })
        assert.deepStrictEqual(same, changed)
        assert.strictEqual((yield* find("a")).version, 1)
      }))

    it.effect("children stay with their parent, whatever it becomes, and go with it", () =>
      Effect.gen(function*() {
        const { add, edit, find, list, remove, texts } = yield* published("a", "b")
        const a = yield* find("a")
        const child = yield* add("child 1", { parentId: a.id })
        yield* add("child 2", { parentId: a.id })
        yield* add("child 0", { parentId: a.id, after: a.id })
        yield* add("beside", { after: child.segmentId })
        assert.deepStrictEqual(yield* texts, ["a", "child 0", "child 1", "child 2", "beside", "b"])
        assert.strictEqual((yield* find("a")).children, 3)
        assert.deepStrictEqual((yield* find("child 1")).boxes, a.boxes)
        const edited = yield* edit(a.id, "a1")
        const parents = (yield* list).map(({ parentId }) => parentId)
        assert.deepStrictEqual(parents, [null, ...Array<SegmentId>(3).fill(edited.segmentId), null, null])
        const nested = yield* Effect.flip(add("deeper", { parentId: child.segmentId }))
        assert.strictEqual(nested._tag, "BadRequest")
        const strange = yield* Effect.flip(
          add("no child", { parentId: edited.segmentId, after: (yield* find("b")).id })
        )
        assert.strictEqual(strange._tag, "BadRequest")
        assert.strictEqual((yield* Effect.flip(add("orphan", { parentId: a.id })))._tag, "SegmentNotFound")
        const { deleted } = yield* remove(edited.segmentId)
        assert.lengthOf(deleted, 4)
        assert.deepStrictEqual(yield* texts, ["beside", "b"])
      }))

    it.effect("what was never published is not changed", () =>
      Effect.gen(function*() {
        const { caller } = yield* makeTenant
        const { documentId } = yield* makeDocument(caller, yield* makeDataset(caller))
        const edits = yield* SegmentEdits
        const refused = yield* Effect.flip(
          edits.add(caller, { documentId, ...prepared("a"), after: undefined, parentId: undefined, keywords: [] })
        )
        assert.deepInclude(refused, { _tag: "StateConflict", status: "queuing" })
      }))

    it.effect("another tenant's document and segments are not there", () =>
      Effect.gen(function*() {
        const mine = yield* published("a")
        const { caller: stranger } = yield* makeTenant
        const edits = yield* SegmentEdits
        const { id: segmentId } = yield* mine.find("a")
        const { documentId } = mine
        const foreign = yield* Effect.flip(edits.remove(stranger, { documentId, segmentIds: [segmentId] }))
        assert.strictEqual(foreign._tag, "DocumentNotFound")
        const theirs = yield* published("b")
        const other = yield* theirs.remove(segmentId)
        assert.deepStrictEqual(other.missing, [segmentId])
        assert.deepStrictEqual(yield* mine.texts, ["a"])
      }))

    it.effect("lists by origin, flag, parent and text, and go on at the right place while others change something", () =>
      Effect.gen(function*() {
        const { add, caller, documentId, edit, find, remove } = yield* published("alpha", "beta", "gamma", "delta")
        const segments = yield* SegmentsRepo
        yield* add("beta child", { parentId: (yield* find("beta")).id })
        yield* edit((yield* find("gamma")).id, "GAMMA changed")
        const texts = Effect.fnUntraced(function*(options: Partial<Parameters<typeof segments.list>[1]>) {
          const page = some(yield* segments.list(caller, { documentId, withTotal: true, ...options }))
          assert.strictEqual(page.total, page.items.length)
          return page.items.map(({ text }) => text)
        })
        assert.deepStrictEqual(yield* texts({ origin: "parsed" }), ["alpha", "beta", "delta"])
        assert.deepStrictEqual(yield* texts({ origin: "edited" }), ["GAMMA changed"])
        assert.deepStrictEqual(yield* texts({ parentId: (yield* find("beta")).id }), ["beta child"])
        assert.deepStrictEqual(yield* texts({ parentId: null, text: "TA" }), ["beta", "delta"])
        assert.deepStrictEqual(yield* texts({ text: "gamma" }), ["GAMMA changed"])
        assert.deepStrictEqual(yield* texts({ text: "%" }), [])
        assert.deepStrictEqual(yield* texts({ enabled: false }), [])
        const first = some(yield* segments.list(caller, { documentId, limit: 2 }))
        assert.deepStrictEqual(first.items.map(({ text }) => text), ["alpha", "beta"])
        // The last of the page goes, another comes before and one behind it.
        yield* add("before", { after: (yield* find("alpha")).id })
        yield* add("behind", { after: (yield* find("beta")).id })
        yield* remove((yield* find("beta")).id)
        const rest = some(yield* segments.list(caller, { documentId, cursor: first.next! }))
        assert.deepStrictEqual(rest.items.map(({ text }) => text), ["behind", "GAMMA changed", "delta"])
      }))

    it.effect("the next version has what was changed by hand, in its places", () =>
      Effect.gen(function*() {
        const { add, again, changes, edit, find, list, remove, texts } = yield* published("a", "b", "c", "d")
        yield* edit((yield* find("b")).id, "b by hand")
        yield* remove((yield* find("c")).id)
        yield* add("after c's place", { after: (yield* find("b by hand")).id })
        yield* add("first", { after: null })
        yield* add("last")
        const child = yield* add("child", { parentId: (yield* find("b by hand")).id })
        const before = yield* list
        yield* again(["new", "a", "b", "c", "x", "d", "y"])
        assert.deepStrictEqual(yield* texts, [
          "first",
          "new",
          "a",
          "b by hand",
          "child",
          "after c's place",
          "x",
          "d",
          "last",
          "y"
        ])
        assert.strictEqual((yield* find("child")).id, child.segmentId)
        assert.strictEqual((yield* find("child")).parentId, (yield* find("b by hand")).id)
        // The same once more: nothing wanders.
        yield* again(["a", "b", "c", "d"])
        assert.deepStrictEqual(
          (yield* list).map(({ id, parentId }) => ({ id, parentId })),
          before.map(({ id, parentId }) => ({ id, parentId }))
        )
        assert.lengthOf(yield* changes, 6)
      }))

    it.effect("what a run cannot do again is kept aside, said, and comes back when it can", () =>
      Effect.gen(function*() {
        const { add, again, caller, changes, documentId, edit, find, list, remove, sql, texts } = yield* published(
          "a",
          "b",
          "c"
        )
        const edited = yield* edit((yield* find("a")).id, "a by hand", { keywords: ["word"] })
        const child = yield* add("child", { parentId: edited.segmentId })
        yield* remove((yield* find("b")).id)
        const runId = yield* again(["A", "c"])
        assert.deepStrictEqual(yield* texts, ["A", "c"])
        const [run] = yield* sql`select conflicts from runs where id = ${runId}`
        assert.deepStrictEqual(
          (run!["conflicts"] as Array<Record<string, unknown>>).map(({ excerpt, kind, reason }) => ({
            excerpt,
            kind,
            reason
          })),
          [
            { excerpt: "a by hand", kind: "edited", reason: "original-gone" },
            { excerpt: "child", kind: "added", reason: "parent-gone" },
            { excerpt: "", kind: "deleted", reason: "original-gone" }
          ]
        )
        assert.deepStrictEqual(
          (yield* changes).map(({ conflict, segmentId, text }) => ({ conflict, segmentId, text })),
          ["a by hand", "child", null].map((text) => ({ conflict: true, segmentId: null, text }))
        )
        // Nothing of it is held by a version: rows may go, and what is kept does not depend on them.
        yield* sql`delete from run_segments where document_id = ${documentId} and run_id <> ${runId}`
        yield* sql`update segments set parent_id = null where document_id = ${documentId}`
        yield* sql`delete from segments where document_id = ${documentId} and not exists (select 1 from run_segments rs
          where rs.segment_id = segments.id)`
        const back = yield* again(["a", "b", "c"])
        assert.deepStrictEqual(yield* texts, ["a by hand", "child", "c"])
        const [a, kept] = yield* list
        assert.deepInclude(a!, { id: edited.segmentId, keywords: ["word"], origin: "edited", indexState: "pending" })
        assert.deepInclude(kept!, { id: child.segmentId, parentId: edited.segmentId, origin: "added" })
        assert.isTrue((yield* changes).every(({ conflict }) => !conflict))
        const [now] = yield* sql`select conflicts from runs where id = ${back}`
        assert.deepStrictEqual(now!["conflicts"], [])
        const [document] =
          yield* sql`select generation, (select count(*)::int from jobs where document_id = ${documentId}
          and stage = 'ApplyEnablement') as jobs from documents where id = ${documentId} and tenant_id = ${caller.tenantId}`
        assert.isAbove(Number(document!["generation"]), 3)
        assert.strictEqual(document!["jobs"], 1)
      }))

    it.effect("a change between the cut and the publication is in the new version, and so is one that is taken back", () =>
      Effect.gen(function*() {
        const { add, caller, edit, find, made, remove, texts } = yield* published("a", "b", "c", "d")
        const early = yield* edit((yield* find("a")).id, "a by hand")
        const cut = yield* begin(caller, made, ["a", "b", "c", "d", "e"])
        const late = yield* edit((yield* find("b")).id, "b by hand")
        yield* remove((yield* find("c")).id)
        yield* add("added", { after: (yield* find("d")).id })
        yield* edit(early.segmentId, "a")
        yield* cut.end
        yield* recount(caller, made)
        assert.deepStrictEqual(yield* texts, ["a", "b by hand", "d", "added", "e"])
        assert.strictEqual((yield* find("b by hand")).id, late.segmentId)
      }))

    it.effect("a run that discards forgets what was changed before it began, and keeps what was changed since", () =>
      Effect.gen(function*() {
        const { add, caller, changes, edit, find, made, texts } = yield* published("a", "b", "c")
        yield* edit((yield* find("a")).id, "a by hand")
        yield* add("old addition")
        const cut = yield* begin(caller, made, ["a", "b", "c"], { edits: "discard" })
        yield* edit((yield* find("b")).id, "b by hand")
        yield* cut.end
        yield* recount(caller, made)
        assert.deepStrictEqual(yield* texts, ["a", "b by hand", "c"])
        assert.deepStrictEqual((yield* changes).map(({ text }) => text), ["b by hand"])
      }))

    it.effect("what the document says itself now is its own", () =>
      Effect.gen(function*() {
        const { add, again, changes, edit, find, remove, texts } = yield* published("a", "b")
        yield* edit((yield* find("a")).id, "a corrected")
        yield* add("new")
        yield* again(["a corrected", "b", "new", "a"])
        assert.deepStrictEqual(yield* texts, ["a corrected", "b", "new"])
        assert.strictEqual((yield* find("new")).origin, "parsed")
        assert.deepStrictEqual((yield* changes).map(({ kind }) => kind), ["deleted"])
        yield* remove((yield* find("new")).id)
        yield* again(["a corrected", "b", "new"])
        assert.deepStrictEqual(yield* texts, ["a corrected", "b"])
      }))

    it.effect("conflicts can be forgotten, and nothing else", () =>
      Effect.gen(function*() {
        const { again, caller, changes, documentId, edit, find, texts } = yield* published("a", "b")
        const repo = yield* SegmentChangesRepo
        yield* edit((yield* find("a")).id, "a by hand")
        yield* edit((yield* find("b")).id, "b by hand")
        yield* again(["b"])
        const ids = (yield* changes).map(({ id }) => id)
        const conflicts = (yield* changes).filter(({ conflict }) => conflict).map(({ id }) => id)
        assert.deepStrictEqual(yield* repo.forget(caller.tenantId, documentId, ids), conflicts)
        yield* again(["a", "b"])
        assert.deepStrictEqual(yield* texts, ["a", "b by hand"])
      }))
  })
}
