import { Schema } from "effect"
import { readFile } from "node:fs/promises"
import { Socket } from "node:net"
import { text } from "node:stream/consumers"
import { citePages } from "./citePages.ts"
import { PdfFailure } from "./PdfFailure.ts"
import { type PdfReply, PdfRequest } from "./protocol.ts"

// The program that works on one PDF: it is asked on its standard input, answers on its third pipe, and ends.

const output = new Socket({ fd: 3, readable: false, writable: true })
output.on("error", () => process.exit(0))

const perform = PdfRequest.match({
  Cite: async ({ boxes, maxPages, path }) => citePages(await readFile(path), boxes, maxPages),
  Render: async ({ path, width }) => {
    const { renderPage } = await import("./renderPage.ts")
    return renderPage(new Uint8Array(await readFile(path)), width)
  }
})

const answer = (reply: PdfReply, bytes?: Uint8Array) => {
  output.write(`${JSON.stringify(reply)}\n`)
  if (bytes !== undefined) output.write(bytes)
  output.end(() => process.exit(0))
}

const request = Schema.decodeSync(Schema.fromJsonString(PdfRequest))(await text(process.stdin))
try {
  answer({ _tag: "Done" }, await perform(request))
} catch (error) {
  // A file drives the libraries into all kinds of errors: what is wrong is the file.
  const detail = error instanceof Error ? error.message.replace(/\s+/g, " ").slice(0, 200) : "it cannot be read"
  answer({ _tag: "Failed", cause: error instanceof PdfFailure ? error.failure : { _tag: "Corrupt", detail } })
}
