import { Effect } from "effect"
import { basename } from "node:path"
import { compare } from "./counts.ts"
import type { Corpus } from "./corpus.ts"
import { elementsOf } from "./parsed.ts"
import { type Finding, ratio } from "./Part.ts"
import { type Rows, rowsOfCsv, rowsOfStructure } from "./tableFiles.ts"

/**
 * Cells of tables, and pairs of cells that stand next to each other in a row, against what people found in the same files: CSV of one
 * table, or the structure files of the ICDAR 2013 competition. A cell is right when all of its letters are; white space does not count.
 */
export const tables = Effect.fn("extraction.tables")(function*(corpus: Corpus) {
  const findings: Array<Finding> = []
  for (const [set, cases] of casesOf(corpus)) {
    const found: Array<Rows> = []
    const wanted: Array<Rows> = []
    for (const { expected, file } of cases) {
      const tables = (yield* elementsOf(corpus.path(file))).flatMap(({ rows }) => rows === undefined ? [] : [rows])
      const text = yield* corpus.text(expected)
      const theirs = expected.endsWith(".csv") ? rowsOfCsv(text) : rowsOfStructure(text)
      // CSV holds one table of perhaps several: the one that is most like it is meant.
      const ours = expected.endsWith(".csv") ? nearest(tables, theirs) : tables.flat()
      found.push(ours)
      wanted.push(theirs)
      const { precision, recall } = compare(cellsOf(ours), cellsOf(theirs))
      findings.push({
        part: "tables",
        name: `${set}, ${basename(file)}, cells, F1`,
        value: ratio(2 * precision * recall / Math.max(1e-9, precision + recall)),
        note: `recall ${ratio(recall)}, precision ${ratio(precision)}`
      })
    }
    for (const [what, of] of [["cells", cellsOf], ["pairs", pairsOf]] as const) {
      const score = compare(found.flatMap(of), wanted.flatMap(of))
      for (const name of ["recall", "precision"] as const) {
        findings.push({ part: "tables", name: `${set}, ${what}, ${name}`, value: ratio(score[name]) })
      }
    }
  }
  return findings
})

const nearest = (tables: ReadonlyArray<Rows>, wanted: Rows): Rows => {
  const shared = (rows: Rows): number => compare(cellsOf(rows), cellsOf(wanted)).both
  return tables.reduce<Rows>((best, rows) => shared(rows) > shared(best) ? rows : best, [])
}

interface Case {
  readonly file: string
  readonly expected: string
}

const casesOf = (corpus: Corpus): ReadonlyMap<string, ReadonlyArray<Case>> => {
  const sets = new Map<string, Array<Case>>()
  for (const { expected = [], file, format } of corpus.inputs) {
    if (format !== "pdf") continue
    const structure = file.replace(/\.pdf$/, "-str.xml")
    const csv = expected.find((name) => name.endsWith(".csv"))
    const found = corpus.files.includes(structure) ? structure : csv
    if (found === undefined) continue
    const set = found === structure ? "icdar" : "csv"
    sets.set(set, [...sets.get(set) ?? [], { file, expected: found }])
  }
  return sets
}

const plain = (cell: string): string =>
  cell.normalize("NFKC").replace(/[\u2010-\u2015\u00ad]/g, "-").replace(/\s+/g, "").toLowerCase()

const cellsOf = (rows: Rows): ReadonlyArray<string> => rows.flat().map(plain).filter((cell) => cell !== "")

const pairsOf = (rows: Rows): ReadonlyArray<string> =>
  rows.flatMap((row) => {
    const cells = row.map(plain).filter((cell) => cell !== "")
    return cells.slice(1).map((cell, at) => `${cells[at]}\u0000${cell}`)
  })
