import type { Import } from "@sheaf/domain/imports/Import"
import type { ImportEvent } from "@sheaf/sdk/effect"
import type { Style } from "../terminal/style.ts"
import { bytes, count } from "../terminal/words.ts"

const columns = 30

const bar = (done: number, total: number, style: Style): string => {
  const full = total === 0 ? 0 : Math.min(columns, Math.floor((done / total) * columns))
  return style.green("━".repeat(full)) + style.dim("─".repeat(columns - full))
}

/** How an import stands, in words without a bar. */
export const importWords = ({ created, failed, overwritten, skipped, state, total }: Import): string =>
  `${state}: ${count(total, "row")}, ${created} created${overwritten === 0 ? "" : `, ${overwritten} overwritten`}${
    skipped === 0 ? "" : `, ${skipped} skipped`
  }${failed === 0 ? "" : `, ${failed} failed`}`

/** One line of at most some 80 columns. */
export const importBar = (event: ImportEvent, style: Style): string => {
  if (event.type === "accepted") return `  ${style.cyan("waiting")}`
  if (event.type === "uploading") {
    const { sent, total } = event
    return total === null
      ? `  ${style.cyan("sending")} ${bytes(sent)}`
      : `  ${style.cyan("sending")} ${bar(sent, total, style)} ${bytes(sent)}`
  }
  const { failed, pending, state, total } = event.import
  if (state !== "applying") return `  ${style.cyan(state)} ${count(total, "row")}`
  const trouble = failed === 0 ? "" : `, ${failed} failed`
  return `  ${style.cyan(state)} ${bar(total - pending, total, style)} ${(total - pending).toLocaleString("en-GB")}/${
    total.toLocaleString("en-GB")
  }${trouble}`
}
