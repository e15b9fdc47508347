import type { BatchEvent } from "../ingest/Batch.ts"
import { printable, type Style } from "../terminal/style.ts"
import { count, duration } from "../terminal/words.ts"

const stageWords: ReadonlyArray<readonly [string, string]> = [
  ["parse", "parse"],
  ["clean", "clean"],
  ["chunk", "cut"],
  ["embed", "embed"],
  ["index", "index"],
  ["publish", "publish"]
]

/** What a run's stages took, like `parse 2.1 s · embed 24.8 s`; stages of parallel units add up. */
export const stagesOf = (timings: Readonly<Record<string, number>>): string =>
  stageWords.flatMap(([stage, word]) => {
    const spent = timings[stage]
    return spent === undefined || spent < 1 ? [] : [`${word} ${duration(spent)}`]
  }).join(" · ")

/** The one line that a file leaves behind when it is finished; nothing for steps on the way. */
export const lineOf = (event: BatchEvent, style: Style): string | undefined => {
  switch (event.type) {
    case "published": {
      const { document, elapsedMs, file, reused } = event
      const made = document.pages > 0
        ? `${count(document.pages, "page")} → ${count(document.segments, "segment")}`
        : count(document.segments, "segment")
      const spent = reused
        ? "there already"
        : `${duration(elapsedMs)}  ${style.dim(stagesOf(document.run?.timings ?? {}))}`.trimEnd()
      return `${style.green("✓")} ${printable(file.name)}  ${made}  ${spent}`
    }
    case "failed":
      return `${style.red("✗")} ${printable(event.file.name)}  ${style.red(event.fate.cause)}: ${
        printable(event.fate.failure.message)
      }`
    default:
      return undefined
  }
}
