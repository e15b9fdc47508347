import { BlobStore, contentKey, elementsKey } from "@sheaf/adapters/blobs/BlobStore"
import { DocumentSecretsRepo } from "@sheaf/adapters/repos/documents/DocumentSecretsRepo"
import { DocumentsRepo } from "@sheaf/adapters/repos/documents/DocumentsRepo"
import { JobsRepo } from "@sheaf/adapters/repos/jobs/JobsRepo"
import { newId } from "@sheaf/adapters/repos/newId"
import { HistoryRepo } from "@sheaf/adapters/repos/runs/HistoryRepo"
import { type RunContext, RunsRepo } from "@sheaf/adapters/repos/runs/RunsRepo"
import { type DocumentId, JobId, type TenantId, WorkUnitId } from "@sheaf/domain/ids"
import { limits } from "@sheaf/domain/limits"
import { isFinal } from "@sheaf/domain/runs/Run"
import type { Markup } from "@sheaf/domain/runs/RunSettings"
import { Effect, Option, Stream } from "effect"
import type { PageRange, ParseWarning } from "../../parsing/Parser.ts"
import { type JailInput, ParserJail } from "../../parsing/jail/ParserJail.ts"
import * as Stage from "../../pipeline/Stage.ts"
import { assetLine, elementLine, encodeLines, readAssets, readElements } from "@sheaf/adapters/blobs/elements"
import { planAfterParsing } from "../clean-elements/plan.ts"
import { ofBlobs, ofContent } from "../failures.ts"
import { ownerOf } from "../owner.ts"
import { artefactOf, inTurns, rangesOf } from "./artefact.ts"
import { drawTables } from "./drawTables.ts"
import { hintName } from "./hintName.ts"
import { keepAssets } from "./keepAssets.ts"
import { cutAt, pagesToRead, PageTexts } from "./pagesWithoutText.ts"
import { readPages } from "./readPages.ts"
import { specOf } from "@sheaf/adapters/repos/runs/unitSpec"

/**
 * Parses a range of pages into elements, kept as a blob named by what they were made from. The first unit also finds out what the
 * document is and plans the units for the other ranges. Pages of a PDF without text are read by looking at them; where there are many, a
 * unit keeps the first of them and plans units for the rest.
 */
export const parsePages = Effect.gen(function*() {
  const blobs = yield* BlobStore
  const documents = yield* DocumentsRepo
  const history = yield* HistoryRepo
  const jail = yield* ParserJail
  const jobs = yield* JobsRepo
  const draw = yield* drawTables
  const kept = yield* keepAssets
  const passwords = yield* DocumentSecretsRepo
  const reading = yield* readPages
  const runs = yield* RunsRepo
  const planNext = planAfterParsing(runs)

  /**
   * What the document is, and its first range. Other ranges are planned at once, so that they are parsed at the same time; what is
   * said of the document where there is but one is left to the settlement (`learn`).
   */
  const plan = Effect.fnUntraced(function*(work: Stage.Work<"ParsePages">, run: RunContext, input: JailInput) {
    const { claim, job } = work
    const { mediaType, pages } = yield* jail.inspect(input).pipe(Effect.mapError((error) => ofContent(error.cause)))
    const ranges = rangesOf(pages, run.config.parsing?.pages).map((range, ordinal) => ({ range, ordinal }))
    const [begun, ...others] = inTurns(ranges)
    if (begun === undefined) return yield* new Stage.BadJob({ cause: { _tag: "NoPages" } })
    const { range: first } = begun
    const learn = Effect.gen(function*() {
      yield* documents.setMediaType(claim.tenantId, job.documentId, mediaType)
      if (pages > 0) yield* runs.setPages(claim.tenantId, job.runId, pages)
      if (first !== null) {
        yield* runs.settleUnit(claim.tenantId, job.unitId, { weight: weightOf(first), spec: { range: first } })
      }
    })
    if (others.length === 0) return { range: first, learn, mediaType }
    yield* planUnits(work, learn, others)
    return { range: first, learn: Effect.void, mediaType }
  })

  /** In one transaction: what is learnt, and units for other ranges. */
  const planUnits = Effect.fnUntraced(function*(
    { claim, job, write }: Stage.Work<"ParsePages">,
    learn: Effect.Effect<void>,
    others: ReadonlyArray<{ readonly range: PageRange | null; readonly ordinal: number }>
  ) {
    const units = yield* Effect.forEach(others, ({ ordinal, range }) =>
      Effect.map(newId(WorkUnitId), (id) => ({
        id,
        stage: "parse" as const,
        ordinal,
        weight: weightOf(range),
        spec: { range }
      })))
    yield* write(Effect.gen(function*() {
      yield* learn
      const planned = yield* runs.plan(claim.tenantId, job.runId, units)
      // The run is held: nobody changes its lane now, and somebody may have done so since we looked.
      const lane = yield* runs.context(claim.tenantId, job.runId).pipe(
        Effect.map(Option.match({ onNone: () => claim.lane, onSome: ({ config }) => config.lane }))
      )
      yield* jobs.enqueue(
        claim.tenantId,
        planned.map((unitId) => ({ id: JobId.make(unitId), lane, job: { ...job, unitId } }))
      )
    }))
  })

  /** Keeps a part of the range for this unit, with no more pages to read than a unit may have, and plans units for the others. */
  const split = Effect.fnUntraced(function*(
    work: Stage.Work<"ParsePages">,
    learn: Effect.Effect<void>,
    range: PageRange,
    unread: ReadonlyArray<number>
  ) {
    const [own, ...others] = cutAt(range, unread, pagesToRead)
    const narrow = Effect.andThen(
      learn,
      runs.settleUnit(work.claim.tenantId, work.job.unitId, { weight: weightOf(own!), spec: { range: own } })
    )
    // Behind all ordinals of whole ranges, and each page begins one part at most.
    yield* planUnits(work, narrow, others.map((range) => ({ range, ordinal: 2 * limits.maxPages + range.first })))
    return own!
  })

  const parse = Effect.fnUntraced(
    function*(
      work: Stage.Work<"ParsePages">,
      key: string,
      { range, tables, ...input }: JailInput & { readonly range: PageRange | null; readonly tables: boolean }
    ) {
      const owner = ownerOf(work)
      const blob = elementsKey(owner, key)
      const keeper = kept.begin(owner, work.job.runId)
      const texts = new PageTexts()
      const warnings: Array<ParseWarning> = []
      const elements = Stream.suspend(() =>
        jail.parse(input, range, {
          onWarning: (warning) => Effect.sync(() => warnings.push(warning)),
          onAsset: keeper.keep
        })
      ).pipe(
        Stream.mapError((error) => error._tag === "ParseRejected" ? ofContent(error.cause) : error),
        Stream.mapEffect(tables ? draw(input, keeper, (warning) => warnings.push(warning)) : Effect.succeed)
      )
      const existing = yield* blobs.size(blob).pipe(Effect.mapError(ofBlobs))
      if (Option.isSome(existing)) {
        const assets = yield* readAssets(blobs, owner, key).pipe(Effect.mapError(ofBlobs))
        // Those that went with the last version that had them are found again.
        if (!(yield* kept.areThere(owner, assets))) yield* Stream.runDrain(elements)
        const stored = readElements(blobs, owner, [key])
        yield* Stream.runForEach(stored, (element) => Effect.sync(() => texts.add(element))).pipe(
          Effect.mapError(ofBlobs)
        )
        // What was left out then is left out now.
        return { assets, texts, warnings: yield* history.warningsOf(owner.tenantId, owner.documentId, key) }
      }
      const freshLines = () => keeper.fresh().map(assetLine).join("")
      const lines = elements.pipe(
        Stream.map((element) => {
          texts.add(element)
          return freshLines() + elementLine(keeper.withKept(element))
        }),
        Stream.concat(Stream.suspend(() => Stream.make(freshLines())))
      )
      yield* blobs.put(blob, encodeLines(lines)).pipe(
        Effect.catchTag("BlobExists", () => Effect.void),
        Effect.mapError((error) => error._tag === "BlobStoreError" ? ofBlobs(error) : error)
      )
      const leftOut = keeper.leftOut()
      if (leftOut > 0) warnings.push({ page: null, detail: tooManyAssets(leftOut) })
      return { assets: keeper.all(), texts, warnings: warnings.map((warning) => JSON.stringify(warning)) }
    }
  )

  /** One that cannot be opened is none: what is protected then says so. */
  const passwordOf = (tenantId: TenantId, documentId: DocumentId) =>
    passwords.open(tenantId, documentId).pipe(
      Effect.map(Option.getOrUndefined),
      Effect.catch((error) =>
        Effect.as(
          Effect.logWarning(`the password of document ${documentId} cannot be used: ${error.message}`),
          undefined
        )
      )
    )

  return Stage.make({
    handles: "ParsePages",
    concurrency: 2,
    timeout: "10 minutes",
    run: Effect.fn("parsePages")(function*(work) {
      const { claim, job } = work
      const owner = ownerOf(work)
      const found = yield* runs.work(claim.tenantId, job.unitId)
      if (Option.isNone(found) || isFinal(found.value.run.state)) return Stage.nothing
      const { run, unit } = found.value
      const path = yield* blobs.localFile(contentKey(owner, run.contentId)).pipe(Effect.mapError(ofBlobs))
      const spec = yield* specOf(unit)
      const hint = hintName(run)
      const { markup, tablePictures = true } = run.config.parsing ?? {}
      const textAs = markup === undefined ? undefined : mediaTypes[markup]
      const input: JailInput = { path, name: hint, textAs, password: yield* passwordOf(claim.tenantId, job.documentId) }
      const { learn, mediaType, range } = spec.range === undefined
        ? yield* plan(work, run, input)
        : { range: spec.range, learn: Effect.void, mediaType: run.mediaType }
      const { edition = 0 } = run.config
      const isPdf = mediaType === "application/pdf"
      const tables = isPdf && tablePictures
      const named = { contentHash: run.contentHash, hint, edition, textAs, bare: isPdf && !tables }
      const nameOf = (range: PageRange | null) => artefactOf(named, range)
      const parsed = yield* parse(work, nameOf(range), { ...input, range, tables })
      const readable = isPdf && reading.languages.length > 0
      const unread = (range: PageRange | null, { texts }: typeof parsed) =>
        readable && range !== null ? texts.missing(range) : []
      const tooMany = range !== null && unread(range, parsed).length > pagesToRead
      const own = tooMany ? yield* split(work, learn, range, unread(range, parsed)) : range
      const part = tooMany ? yield* parse(work, nameOf(own), { ...input, range: own, tables }) : parsed
      yield* kept.record(work, part.assets)
      const pages = unread(own, part)
      const plain = { artefact: nameOf(own), warnings: part.warnings }
      const { artefact, warnings } = pages.length === 0 ? plain : yield* reading.read(owner, plain, input, pages)
      const elapsedMs = yield* work.elapsed
      return Effect.gen(function*() {
        if (!tooMany) yield* learn
        const { stageDone } = yield* runs.completeUnit(claim.tenantId, job.runId, {
          id: job.unitId,
          stage: "parse",
          artefact,
          warnings,
          elapsedMs
        })
        return stageDone ? yield* planNext(work, run.config) : []
      })
    }, Effect.scoped)
  })
})

const mediaTypes: { readonly [M in Markup]: string } = {
  plain: "text/plain",
  markdown: "text/markdown",
  html: "text/html"
}

const tooManyAssets = (count: number): string =>
  `${count} pictures or attached files were left out: a document has at most ${limits.maxAssets}, of ${limits.maxAssetBytes} bytes in all`

const weightOf = (range: PageRange | null): number => range === null ? 1 : range.last - range.first + 1
