import { kinds } from "./judge.ts"
import type { Verdict } from "./trial.ts"

const widths = [40, 10, 6, 11, 8, 6, 6, 8]
const line = (cells: ReadonlyArray<string>) =>
  cells.map((cell, at) => at === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[at]!)).join("")

export const header = line(["fault", "documents", ...kinds, "seconds"])

/** One line of the table. */
export const row = ({ documents, findings, seconds, what }: Verdict): string =>
  line([what, `${documents}`, ...kinds.map((kind) => `${findings[kind].length}`), seconds.toFixed(1)])
