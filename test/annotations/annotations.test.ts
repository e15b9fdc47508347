import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Server } from "@sheaf/server/Server"
import * as TestServer from "../support/TestServer.ts"
import { engines, eventually, old, setting, working, young } from "../spaces/world.ts"

/** Everything that is asked has the same words as a question in another order: nothing else scores so high. */
const threshold = 0.999

/** A tenant with an app, and what is done with it. */
const world = Effect.gen(function*() {
  const { keys, sql, young: embedder } = yield* setting
  const { id: appId } = yield* TestServer.ok(keys.write, "AppsCreate", { name: "help", threshold })
  const create = (question: string, answer = question.length.toString()) =>
    TestServer.ok(keys.write, "AnnotationsCreate", { appId, question, answer })
  const match = (question: string) => TestServer.ok(keys.read, "AnnotationsMatch", { appId, question })
  const answerTo = (question: string): Effect.Effect<string | null, never, Server> =>
    Effect.map(match(question), ({ best }) => best?.annotation.answer ?? null)
  const setReply = (reply: object) => TestServer.ok(keys.write, "AppsSetReply", { appId, ...reply })
  const settled = eventually(
    TestServer.ok(keys.read, "AppsGet", { appId }),
    ({ reply }) => reply.owed === 0 && reply.next === null
  )
  const vectors = (space: { readonly id: string }) =>
    Effect.map(
      sql`select count(*)::int as n from annotation_vectors where app_id = ${appId} and space_id = ${space.id}`,
      ([row]) => row?.["n"]
    )
  return { keys, sql, embedder, appId, create, match, answerTo, setReply, settled, vectors }
})

for (const { layer, name } of engines) {
  it.layer(layer, { timeout: "120 seconds" })(`annotations, ${name}`, (it) => {
    it.effect("answer by words and by meaning, as they are at this moment", () =>
      Effect.gen(function*() {
        yield* working
        const { answerTo, appId, create, keys, match, setReply, settled, vectors } = yield* world
        const anchor = yield* create("Where is the anchor kept?", "below")
        yield* create("What does a sail cost?", "much")
        assert.strictEqual(yield* vectors(old), 0)
        yield* setReply({ enabled: true })
        yield* settled
        assert.strictEqual(yield* vectors(old), 2)
        assert.deepInclude((yield* match("where is the  ANCHOR kept")).best, { score: 1, by: "words" })
        const found = yield* match("the anchor: where is kept")
        assert.strictEqual(found.best.by, "meaning")
        assert.strictEqual(found.best.annotation.answer, "below")
        assert.isNull((yield* match("who steers by night")).best)

        const again = yield* create("where is kept the anchor", "above")
        assert.strictEqual(again.outcome, "created")
        assert.deepStrictEqual(again.similar.map((one: { by: string }) => one.by), ["meaning"])
        assert.strictEqual((yield* create("Where is the anchor kept", "deck")).outcome, "skipped")
        const { deleted } = yield* TestServer.ok(keys.write, "AnnotationsDelete", {
          appId,
          annotationIds: [again.annotation.id]
        })
        assert.deepStrictEqual(deleted, [again.annotation.id])
        assert.strictEqual(yield* answerTo("kept where is the anchor"), "below")
        const { id: annotationId } = anchor.annotation
        yield* TestServer.ok(keys.write, "AnnotationsUpdate", { annotationId, question: "Who rows?" })
        assert.isNull(yield* answerTo("kept where is the anchor"))
        // Its vector is made on the way if that takes no time, and else by the job.
        yield* eventually(answerTo("rows who"), (answer) => answer === "below")

        const hits = yield* eventually(
          TestServer.ok(keys.read, "AnnotationsHits", { annotationId }),
          ({ items }) => items.length === 4
        )
        assert.strictEqual(hits.items[0].question, "rows who")
        const listed = yield* TestServer.ok(keys.read, "AnnotationsList", { appId, unused: false })
        assert.deepStrictEqual(listed.items.map((one: { hits: number }) => one.hits), [4])
      }))

    it.effect("answer before a worker has indexed them", () =>
      Effect.gen(function*() {
        const { answerTo, create, setReply, vectors } = yield* world
        yield* setReply({ enabled: true })
        yield* create("Where is the anchor kept?", "below")
        assert.strictEqual(yield* vectors(old), 0)
        assert.strictEqual(yield* answerTo("Where is the anchor kept"), "below")
        assert.strictEqual(yield* answerTo("the anchor: where is kept"), "below")
      }))

    it.effect("move to another space while the old one answers, and what is written meanwhile is there", () =>
      Effect.gen(function*() {
        yield* working
        const { answerTo, create, embedder, setReply, settled, vectors } = yield* world
        const questions = Array.from({ length: 12 }, (_, at) => `${"oar ".repeat(at + 1)}${"keel ".repeat(13 - at)}`)
        yield* Effect.forEach(questions, (question, at) => create(question, `${at}`))
        yield* setReply({ enabled: true })
        yield* settled
        const turned = (question: string) => question.split(" ").toReversed().join(" ")
        const all = (some: ReadonlyArray<string>) => Effect.forEach(some, (question) => answerTo(turned(question)))
        const expected = questions.map((_, at) => `${at}`)
        assert.deepStrictEqual(yield* all(questions), expected)
        embedder.hangs = "oar"
        yield* setReply({ spaceId: young.id })
        yield* eventually(Effect.sync(() => embedder.hanging), (hanging) => hanging > 0)
        assert.deepStrictEqual(yield* all(questions), expected)
        yield* create("helm helm helm oar", "late")
        assert.strictEqual(yield* answerTo("oar helm helm helm"), "late")
        embedder.hangs = null
        const { reply } = yield* settled
        assert.strictEqual(reply.space.id, young.id)
        assert.deepStrictEqual(yield* all(questions), expected)
        assert.strictEqual(yield* answerTo("oar helm helm helm"), "late")
        assert.strictEqual(yield* vectors(young), 13)
        yield* eventually(vectors(old), (left) => left === 0)
        assert.strictEqual(embedder.embedded, 13, "each question is embedded once")
      }))

    it.effect("are indexed but for the one that the embedder gives up on, each of them once", () =>
      Effect.gen(function*() {
        const { create, embedder, match, setReply, settled, vectors } = yield* world
        // More than one request, and one of them with the question that is given up.
        const many = 40
        yield* Effect.forEach(
          Array.from({ length: many }, (_, at) => at === 20 ? "Who steers past the reef?" : `Who has berth ${at}?`),
          (question) => create(question),
          { concurrency: 4 }
        )
        embedder.chokesOn = "reef"
        const before = embedder.embedded
        yield* setReply({ enabled: true, spaceId: young.id })
        yield* working
        yield* eventually(vectors(young), (found) => found === many - 1)
        assert.deepInclude((yield* match("berth 39 has who?")).best, { by: "meaning" })
        embedder.chokesOn = null
        yield* settled
        assert.strictEqual(yield* vectors(young), many)
        // The questions of users besides.
        assert.isAtMost(embedder.embedded - before, many + 1)
      }))

    it.effect("say what is wrong", () =>
      Effect.gen(function*() {
        const { appId, create, keys, setReply } = yield* world
        const stranger = yield* TestServer.makeTenant
        const { annotation } = yield* create("Who?")
        const refused = (method: string, params: object, key = keys.write) =>
          Effect.map(TestServer.refusal(key, method, params), ({ status, tag }) => `${status} ${tag}`)
        const question = "Who?"
        const answer = "I."
        const cases = [
          yield* refused("AnnotationsMatch", { appId, question }),
          yield* refused("AnnotationsCreate", { appId, question: " \n", answer }),
          yield* refused("AnnotationsCreate", { appId, question: "w".repeat(2_001), answer }),
          yield* refused("AnnotationsCreate", { appId, question, answer: "w".repeat(10_001) }),
          yield* refused("AppsSetReply", { appId, threshold: 1.1 }),
          yield* refused("AppsSetReply", { appId, spaceId: "0000000000000000" }),
          yield* refused("AnnotationsCreate", { appId: annotation.id, question, answer }),
          yield* refused("AnnotationsMatch", { appId, question }, stranger.keys.admin),
          yield* refused("AnnotationsGet", { annotationId: annotation.id }, stranger.keys.admin),
          yield* refused("AppsCreate", { name: "help" }),
          yield* refused("AnnotationsUpdate", { annotationId: annotation.id, answer, ifVersion: 7 }),
          yield* refused("AnnotationsList", { appId, cursor: "AAAA" })
        ]
        assert.deepStrictEqual(cases, [
          "409 AppNotAnswering",
          "422 BadRequest",
          "422 BadRequest",
          "422 BadRequest",
          "422 BadRequest",
          "422 SpaceNotServed",
          "404 AppNotFound",
          "404 AppNotFound",
          "404 AnnotationNotFound",
          "409 AppNameTaken",
          "409 Conflict",
          "422 BadRequest"
        ])
        yield* setReply({ enabled: true })
        yield* TestServer.ok(keys.write, "AppsArchive", { appId })
        assert.strictEqual(yield* refused("AnnotationsMatch", { appId, question }), "409 AppNotAnswering")
        assert.strictEqual(yield* refused("AnnotationsCreate", { appId, question, answer }), "409 AppArchived")
      }))

    it.effect("go with their app, and their name is free at once", () =>
      Effect.gen(function*() {
        yield* working
        const { appId, create, keys, setReply, settled, sql } = yield* world
        yield* Effect.forEach(["Who?", "What?", "Why?"], (question) => create(question))
        yield* setReply({ enabled: true })
        yield* settled
        yield* TestServer.ok(keys.write, "AppsDelete", { appId })
        assert.deepStrictEqual(yield* TestServer.refusal(keys.read, "AppsGet", { appId }), {
          status: 404,
          tag: "AppNotFound"
        })
        yield* TestServer.ok(keys.write, "AppsCreate", { name: "help" })
        const left = sql`select (select count(*) from annotations where app_id = ${appId})
          + (select count(*) from annotation_vectors where app_id = ${appId})
          + (select count(*) from apps where id = ${appId}) as n`
        yield* eventually(left, ([row]) => Number(row?.["n"]) === 0)
      }))
  })
}
