import { readFile } from "node:fs/promises"
import { dirname } from "node:path"
import { writeSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { getDocument } from "pdfjs-dist/legacy/build/pdf.mjs"

// `barePdfjs.ts FILE...`: the least that reading a PDF can cost. Text content of page after page, nothing made of it. Prints the
// milliseconds of each file, opening included, and those of processors.
const files = process.argv.slice(2)

const root = `${dirname(fileURLToPath(import.meta.resolve("pdfjs-dist/package.json")))}/`

const read = async (file: string) => {
  const before = process.cpuUsage()
  const begin = performance.now()
  const data = new Uint8Array(await readFile(file))
  const pdf = await getDocument({
    data,
    verbosity: 0,
    standardFontDataUrl: `${root}standard_fonts/`,
    cMapUrl: `${root}cmaps/`,
    wasmUrl: `${root}wasm/`
  }).promise
  let characters = 0
  for (let number = 1; number <= pdf.numPages; number++) {
    const page = await pdf.getPage(number)
    const { items } = await page.getTextContent()
    for (const item of items) characters += "str" in item ? item.str.length : 0
    page.cleanup()
  }
  await pdf.loadingTask.destroy()
  const ms = performance.now() - begin
  const { system, user } = process.cpuUsage(before)
  return { ms, cpuMs: (user + system) / 1_000, characters }
}

const results = []
for (const file of files) results.push(await read(file))
writeSync(1, `${JSON.stringify(results)}\n`)
