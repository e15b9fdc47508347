import type { Document, DocumentProgress } from "@sheaf/domain/documents/Document"
import type { IfNameExists, IfSame } from "@sheaf/domain/documents/DocumentsRpcs"
import type { Metadata } from "@sheaf/domain/documents/Metadata"
import type { Sheaf, SheafError } from "@sheaf/sdk/effect"
import type { RunSettings } from "@sheaf/domain/runs/RunSettings"
import { Clock, Effect, Ref, Stream } from "effect"
import type { FoundFile } from "./findFiles.ts"
import { type Fate, fateOf, Hung } from "./fate.ts"
import { add, empty } from "./Report.ts"

/** What happens to the files of a batch, for whoever shows it. */
export type BatchEvent =
  | { readonly type: "accepted"; readonly file: FoundFile; readonly documentId: string; readonly reused: boolean }
  | { readonly type: "progress"; readonly file: FoundFile; readonly progress: DocumentProgress }
  | {
    readonly type: "published"
    readonly file: FoundFile
    readonly document: Document
    readonly reused: boolean
    readonly elapsedMs: number
  }
  | { readonly type: "failed"; readonly file: FoundFile; readonly documentId: string | null; readonly fate: Fate }

export interface BatchOptions {
  readonly sheaf: Sheaf["Service"]
  readonly files: ReadonlyArray<FoundFile>
  readonly datasetId: string
  readonly metadata: Metadata
  readonly ifSame: IfSame
  readonly ifNameExists?: IfNameExists
  readonly settings?: RunSettings
  /** What those of the files that are protected are opened with. */
  readonly password?: string
  readonly lane: "interactive" | "bulk"
  /** Asked before each file: once it says true, no more are sent; those that were accepted are still waited for. */
  readonly stopped: () => boolean
  /** Milliseconds without any movement in the whole batch after which what is left counts as hung. */
  readonly hungAfterMs: number
  readonly onEvent: (event: BatchEvent) => Effect.Effect<void>
  /** Bytes of a file that have arrived so far. */
  readonly onSending: (file: FoundFile, sent: number) => void
}

const senders = 4
const watchers = 8

/**
 * Sends files and waits for each to be published or to fail. A few are ahead of those being built, so that the server is never
 * idle, and never so many that stopping leaves much behind. Fails only when going on makes no sense: the server is gone, or
 * refuses the key.
 */
export const ingestAll = Effect.fn("ingestAll")(function*(options: BatchOptions) {
  const report = yield* Ref.make(empty)
  let lost: Fate | undefined
  let movedAt = yield* Clock.currentTimeMillis
  const tell = (event: BatchEvent) => Effect.andThen(moved, options.onEvent(event))
  const moved = Effect.map(Clock.currentTimeMillis, (now) => {
    movedAt = now
  })

  const settle = Effect.fnUntraced(function*(file: FoundFile, documentId: string | null, error: SheafError) {
    const fate = fateOf(error)
    if (fate.fatal) lost ??= fate
    yield* Ref.update(report, (before) => add(before, fate.outcome, file.name))
    yield* tell({ type: "failed", file, documentId, fate })
  })

  const send = Effect.fnUntraced(function*(file: FoundFile) {
    const startedAt = yield* Clock.currentTimeMillis
    const clock = yield* Clock.Clock
    const document = yield* options.sheaf.documents.ingest(file.path, {
      dataset: { id: options.datasetId },
      name: file.name,
      metadata: { path: file.name, ...options.metadata },
      ifSame: options.ifSame,
      ...(options.ifNameExists && { ifNameExists: options.ifNameExists }),
      ...(options.settings && { settings: options.settings }),
      ...(options.password && { password: options.password }),
      lane: options.lane,
      onProgress: (event) => {
        if (event.type !== "uploading") return
        movedAt = clock.currentTimeMillisUnsafe()
        options.onSending(file, event.sent)
      }
    })
    yield* tell({ type: "accepted", file, documentId: document.id, reused: document.reused })
    return { document, startedAt }
  })

  const stillness: Effect.Effect<never, Hung> = Effect.gen(function*() {
    for (;;) {
      yield* Effect.sleep(Math.min(options.hungAfterMs, 5_000))
      const now = yield* Clock.currentTimeMillis
      if (now - movedAt < options.hungAfterMs) continue
      return yield* new Hung({ stillMs: now - movedAt })
    }
  })

  const follow = Effect.fnUntraced(function*(file: FoundFile, sent: Effect.Success<ReturnType<typeof send>>) {
    const watch = Stream.runForEach(sent.document.progress(), (progress) =>
      Effect.andThen(
        // What waits for something that is down is neither moving nor stuck.
        progress.waitingFor === null ? Effect.void : moved,
        tell({ type: "progress", file, progress })
      ))
    yield* Effect.raceFirst(watch, stillness)
    const document = yield* sent.document.done()
    const elapsedMs = (yield* Clock.currentTimeMillis) - sent.startedAt
    yield* Ref.update(report, (before) => add(before, { type: "published" }, file.name))
    yield* tell({ type: "published", file, document, reused: sent.document.reused, elapsedMs })
  })

  yield* Stream.fromIterable(options.files).pipe(
    Stream.mapEffect(
      (file) =>
        Effect.suspend(() => options.stopped() || lost !== undefined ? Effect.undefined : send(file)).pipe(
          Effect.catch((error) => Effect.asVoid(settle(file, null, error))),
          Effect.map((sent) => ({ file, sent }))
        ),
      { concurrency: senders, unordered: true }
    ),
    Stream.mapEffect(
      ({ file, sent }) =>
        sent === undefined
          ? Effect.void
          : follow(file, sent).pipe(Effect.catch((error) => settle(file, sent.document.id, error))),
      { concurrency: watchers, unordered: true }
    ),
    Stream.runDrain
  )
  return { report: yield* Ref.get(report), lost }
})
