import type { DocumentProgress } from "@sheaf/domain/documents/Document"
import { count, duration } from "../terminal/words.ts"
import { CliOutput } from "effect/cli"
import { cut, pad, printable, type Style } from "../terminal/style.ts"

// What a batch looks like at a moment, as lines: pure, so that it can be tested without a terminal.

interface Row {
  readonly name: string
  readonly state: string
  /** Work done and owed in the current stage; `null` where it is not known yet. */
  readonly done: number
  readonly total: number | null
  /** What has been read and can be searched, so far. */
  readonly made: Made
}

interface Made {
  readonly pages: number
  readonly segments: number
}

const nothing: Made = { pages: 0, segments: 0 }

export interface Board {
  readonly rows: ReadonlyMap<string, Row>
  readonly files: number
  readonly finished: number
  readonly failed: number
  readonly pages: number
  readonly segments: number
}

export const emptyBoard = (files: number): Board => ({
  rows: new Map(),
  files,
  finished: 0,
  failed: 0,
  pages: 0,
  segments: 0
})

const withRow = (board: Board, key: string, row: Row | undefined): Board => {
  const rows = new Map(board.rows)
  if (row === undefined) rows.delete(key)
  else rows.set(key, row)
  return { ...board, rows }
}

export const sending = (
  board: Board,
  file: { readonly path: string; readonly name: string; readonly size: number },
  sent: number
) => withRow(board, file.path, { name: file.name, state: "sending", done: sent, total: file.size, made: nothing })

export const accepted = (board: Board, file: { readonly path: string; readonly name: string }) =>
  withRow(board, file.path, { name: file.name, state: "queued", done: 0, total: null, made: nothing })

export const working = (
  board: Board,
  file: { readonly path: string; readonly name: string },
  progress: DocumentProgress
): Board => {
  const stage = progress.stages.find(({ done, total }) => done < total)
  return withRow(board, file.path, {
    name: file.name,
    state: progress.waitingFor === null ? progress.state : `waiting for ${progress.waitingFor}`,
    done: stage?.done ?? 0,
    total: stage?.total ?? null,
    made: madeBy(progress.stages)
  })
}

/** What has no pages is parsed in one. */
const madeBy = (stages: DocumentProgress["stages"]): Made => {
  const parse = stages.find(({ stage }) => stage === "parse")
  return {
    pages: parse === undefined || parse.total === 1 ? 0 : parse.done,
    segments: stages.find(({ stage }) => stage === "index")?.done ?? 0
  }
}

export const settled = (
  board: Board,
  file: { readonly path: string },
  made: Made | undefined
): Board => ({
  ...withRow(board, file.path, undefined),
  finished: board.finished + 1,
  failed: board.failed + (made === undefined ? 1 : 0),
  pages: board.pages + (made?.pages ?? 0),
  segments: board.segments + (made?.segments ?? 0)
})

/** One line of sums, those of files that are under way included, without formatting. */
export const sums = (board: Board, elapsedMs: number): string => {
  const under = [...board.rows.values()].map(({ made }) => made)
  return [
    `${board.finished.toLocaleString("en-GB")}/${count(board.files, "file")}`,
    count(under.reduce((sum, { pages }) => sum + pages, board.pages), "page"),
    count(under.reduce((sum, { segments }) => sum + segments, board.segments), "segment"),
    ...(board.failed === 0 ? [] : [`${board.failed} failed`]),
    duration(elapsedMs)
  ].join(" · ")
}

const maxRows = 8
const barColumns = 24

/** At most nine lines, none wider than the terminal. */
export const draw = (board: Board, options: {
  readonly columns: number
  readonly elapsedMs: number
  readonly style: Style
}): ReadonlyArray<string> => {
  const { columns, elapsedMs, style } = options
  // What is being worked on, before what waits for its turn.
  const rows = [...board.rows.values()].sort((a, b) => Number(b.total !== null) - Number(a.total !== null)).slice(
    0,
    maxRows
  )
  const nameColumns = Math.min(
    Math.max(12, columns - 60),
    Math.max(0, ...rows.map(({ name }) => CliOutput.displayWidth(printable(name))))
  )
  const lines = rows.map((row) => {
    const name = pad(cut(printable(row.name), nameColumns), nameColumns)
    const words = row.total === null || row.state === "sending" ? "" : `${row.done}/${row.total}`
    const state = pad(cut(row.state, 20), 10)
    const room = columns - nameColumns - 2 - Math.max(10, state.length) - 2 - words.length - 3
    return room < 8
      ? `  ${name}  ${style.dim(state)}`
      : `  ${name}  ${style.cyan(state)} ${bar(row, Math.min(barColumns, room), style)} ${words}`
  })
  return [...lines, `  ${cut(sums(board, elapsedMs), columns - 3)}`]
}

const bar = ({ done, total }: Row, columns: number, style: Style): string => {
  if (total === null) return style.dim("·".repeat(columns))
  const full = total === 0 ? columns : Math.min(columns, Math.floor((done / total) * columns))
  return style.green("━".repeat(full)) + style.dim("─".repeat(columns - full))
}
