// `pdf.mjs pdf-parse|langchain WARM-UP FILE...`: the text of PDFs as these packages give it, in a process that is warm after the first
// file. Prints the milliseconds of the others, and the processor time. Plain JavaScript, as the packages are not there when the types of
// this repository are checked.
import { PDFLoader } from "@langchain/community/document_loaders/fs/pdf"
import { PDFParse } from "pdf-parse"
import { readFile } from "node:fs/promises"
import { writeSync } from "node:fs"

const [name, ...files] = process.argv.slice(2)

const readers = {
  langchain: async (file) => {
    const pages = await new PDFLoader(file).load()
    return pages.reduce((sum, { pageContent }) => sum + pageContent.length, 0)
  },
  "pdf-parse": async (file) => {
    const parser = new PDFParse({ data: new Uint8Array(await readFile(file)) })
    const { text } = await parser.getText()
    await parser.destroy()
    return text.length
  }
}

const results = []
for (const file of files) {
  const before = process.cpuUsage()
  const begin = performance.now()
  const characters = await readers[name](file)
  const ms = performance.now() - begin
  const { system, user } = process.cpuUsage(before)
  results.push({ ms, cpuMs: (user + system) / 1_000, characters })
}
writeSync(1, `${JSON.stringify(results.slice(1))}\n`)
