import { type Bench, type Figure, isMet } from "./Bench.ts"

const verdicts = { true: "met", false: "MISSED", null: "" } as const
const verdictOf = (figure: Figure) => verdicts[`${isMet(figure)}`]

const number = (value: number) =>
  Math.abs(value) >= 100
    ? value.toFixed(0)
    : Math.abs(value) >= 10
    ? value.toFixed(1)
    : String(Number(value.toPrecision(3)))

const targetOf = ({ target }: Figure) =>
  target === undefined ? "" : "atMost" in target ? `≤ ${number(target.atMost)}` : `≥ ${number(target.atLeast)}`

/** The figures of a bench, for people. */
export const table = (bench: Bench, figures: ReadonlyArray<Figure>): string => {
  const rows = figures.map((figure) => [
    figure.name,
    `${number(figure.value)} ${figure.unit}`.trim(),
    targetOf(figure),
    verdictOf(figure),
    figure.note ?? ""
  ])
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]!.length)))
  const lines = rows.map((row) =>
    `  ${
      row.map((cell, column) => column === 1 ? cell.padStart(widths[1]!) : cell.padEnd(widths[column] ?? 0)).join("  ")
    }`
      .trimEnd()
  )
  return [`${bench.name}: ${bench.claim}`, ...lines, ""].join("\n")
}

/** A figure as one line for programs. */
export const jsonLine = (bench: Bench, figure: Figure): string =>
  JSON.stringify({ bench: bench.name, ...figure, met: isMet(figure) })
