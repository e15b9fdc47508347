import { Effect } from "effect"
import { createHash } from "node:crypto"
import * as Fs from "node:fs/promises"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"

const folder = fileURLToPath(new URL("../../samples", import.meta.url))
const manual = "lark-60-manual.pdf"

/** Of the sample set, with answers on pages that are known. */
export const questions = [
  "How much grease does the roof chain need and how often?",
  "Which wind closes the roof by itself?",
  "Which fuse protects the dew heaters?",
  "What do I do when the battery was exhausted after a power failure?",
  "Who do I call when the roof does not close at night?",
  "When can I visit and what does it cost?"
] as const

/** Writes the sample set to a folder, unless it is there: a manual as PDF, a diary in Markdown, a web page and a note. */
export const writeSamples = Effect.fn("writeSamples")(function*(target: string) {
  return yield* Effect.promise(async () => {
    const entries = await Fs.readdir(folder, { withFileTypes: true })
    const plain = entries.filter((entry) => entry.isFile()).map(({ name }) => name)
    const chapters = (await Fs.readdir(Path.join(folder, "manual"))).sort()
    const texts = await Promise.all(chapters.map((name) => Fs.readFile(Path.join(folder, "manual", name), "utf8")))
    const edition = createHash("sha256").update(JSON.stringify(texts)).digest("hex")
    await Fs.mkdir(target, { recursive: true, mode: 0o700 })
    // Written last: while it is missing or another's, the set may be incomplete.
    const stamp = Path.join(target, ".edition")
    const paths = [manual, ...plain].map((name) => Path.join(target, name))
    if (await Fs.readFile(stamp, "utf8").catch(() => "") === edition) return paths
    for (const name of plain) await Fs.copyFile(Path.join(folder, name), Path.join(target, name))
    const { makeManual } = await import("./manual/makeManual.ts")
    await Fs.writeFile(Path.join(target, manual), await makeManual(texts))
    await Fs.writeFile(stamp, edition)
    return paths
  })
})
