import { parentPort, workerData } from "node:worker_threads"
import { getDocument } from "pdfjs-dist/legacy/build/pdf.mjs"

const pdf = await getDocument({ data: new Uint8Array(workerData), verbosity: 0 }).promise
const texts: Array<string> = []
for (let number = 1; number <= pdf.numPages; number++) {
  const { items } = await (await pdf.getPage(number)).getTextContent()
  texts.push(items.map((item) => "str" in item ? item.str : "").join(""))
}
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port has no origin; windows do
parentPort?.postMessage(texts)
