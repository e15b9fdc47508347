import { Clock, Duration, Effect } from "effect"
import type { Scope } from "effect"
import type { BatchEvent } from "../ingest/Batch.ts"
import type { FoundFile } from "../ingest/findFiles.ts"
import { Output, Streams } from "../terminal/Output.ts"
import { accepted, type Board, draw, emptyBoard, sending, settled, sums, working } from "./Board.ts"
import { lineOf } from "./lines.ts"

/** Shows a batch while it runs. */
export interface Display {
  readonly onEvent: (event: BatchEvent) => Effect.Effect<void>
  readonly onSending: (file: FoundFile, sent: number) => void
}

/** `tty`: rows that are redrawn. `plain`: a line for each finished file. `none`: nothing. */
export type DisplayMode = "tty" | "plain" | "none"

/** A display that is gone, with all that it showed, when the scope closes. */
export const makeDisplay = (
  mode: DisplayMode,
  files: number
): Effect.Effect<Display, never, Output | Streams | Scope.Scope> =>
  mode === "tty" ? makeRows(files) : mode === "plain" ? makePlain(files) : Effect.succeed(silent)

const silent: Display = { onEvent: () => Effect.void, onSending: () => {} }

const afterEvent = (board: Board, event: BatchEvent): Board => {
  switch (event.type) {
    case "accepted":
      return accepted(board, event.file)
    case "progress":
      return working(board, event.file, event.progress)
    case "published":
      return settled(board, event.file, event.document)
    case "failed":
      return settled(board, event.file, undefined)
  }
}

const makePlain = Effect.fnUntraced(function*(files: number) {
  const { note, noteStyle } = yield* Output
  const startedAt = yield* Clock.currentTimeMillis
  let board = emptyBoard(files)
  const summary = Effect.gen(function*() {
    yield* Effect.sleep("10 seconds")
    yield* note(sums(board, (yield* Clock.currentTimeMillis) - startedAt))
  })
  yield* Effect.forkScoped(Effect.forever(summary))
  return {
    onSending: () => {},
    onEvent: (event) => {
      board = afterEvent(board, event)
      const line = lineOf(event, noteStyle)
      return line === undefined ? Effect.void : note(line)
    }
  } satisfies Display
})

/** Ten times a second at most: whatever happens in between is drawn together. */
const frame = Duration.millis(100)

const makeRows = Effect.fnUntraced(function*(files: number) {
  const { noteStyle: style } = yield* Output
  const { stderr } = yield* Streams
  const startedAt = yield* Clock.currentTimeMillis
  let board = emptyBoard(files)
  let drawn = 0
  let finished: Array<string> = []

  const redraw = (last: boolean) =>
    Effect.gen(function*() {
      const elapsedMs = (yield* Clock.currentTimeMillis) - startedAt
      const columns = process.stderr.columns ?? 80
      const rows = last ? [] : draw(board, { columns, elapsedMs, style })
      const up = drawn === 0 ? "" : `\u001b[${drawn}A`
      const lines = [...finished, ...rows].map((line) => `${line}\n`).join("")
      finished = []
      drawn = rows.length
      // One write a frame: the terminal never shows half of it.
      yield* stderr(`${up}\u001b[0J${lines}`)
    })

  yield* Effect.addFinalizer(() => redraw(true))
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(redraw(false), Effect.sleep(frame))))
  return {
    onSending: (file, sent) => {
      board = sending(board, file, sent)
    },
    onEvent: (event) =>
      Effect.sync(() => {
        board = afterEvent(board, event)
        const line = lineOf(event, style)
        if (line !== undefined) finished.push(line)
      })
  } satisfies Display
})
