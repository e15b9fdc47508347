import { drawPdf } from "@sheaf/worker/parsing/pdf/testPdf"
import { Effect } from "effect"
import { stepped } from "./pipelines.ts"
import type { Scenario } from "./Scenario.ts"
import { text } from "./steps.ts"
import * as Steps from "./steps.ts"

const bytes = {
  txt: async () => Buffer.from(text("plain").replaceAll("# ", "")),
  md: async () => Buffer.from(text("marked")),
  html: async () =>
    Buffer.from(
      `<!doctype html><title>Log</title><main>${
        [1, 2, 3].map((at) => `<h2>Watch ${at}</h2><p>The hyper log tells of sails and ropes, entry ${at}.</p>`).join(
          ""
        )
      }</main>`
    ),
  // What is attached becomes a document, once, whatever dies meanwhile.
  eml: async () =>
    Buffer.from(
      [
        "Subject: The log",
        "Message-ID: <1@example.org>",
        "MIME-Version: 1.0",
        "Content-Type: multipart/mixed; boundary=limit",
        "",
        "--limit",
        "Content-Type: text/plain",
        "",
        "The log of this watch is attached.",
        "--limit",
        "Content-Type: text/markdown",
        "Content-Disposition: attachment; filename=watch.md",
        "",
        text("attached"),
        "--limit--",
        ""
      ].join("\r\n")
    ),
  // More pages than a unit has, so that several are parsed beside each other.
  pdf: async () =>
    drawPdf(
      Array.from({ length: 14 }, (_, page) => ({ line }) => {
        line(`Watch ${page + 1}`, 60, { size: 18, font: "bold" })
        line(`The printed log tells of page ${page + 1}: masts, sails and p${page}.`, 100)
      })
    )
} as const

/** Made once: a PDF says when it was made. */
const made = new Map<string, Promise<Uint8Array>>()

/** A document of each format from its first byte to its last index entry, and a new version built beside it. */
const format = (name: keyof typeof bytes): Scenario =>
  Effect.fnUntraced(function*(actor) {
    const datasetId = yield* Steps.dataset(actor)
    const drawing = made.get(name) ?? bytes[name]()
    made.set(name, drawing)
    const content = yield* Effect.promise(() => drawing)
    return (actor) =>
      Effect.gen(function*() {
        const { call, client, once } = actor
        const documentId = yield* Steps.upload(actor, datasetId, { name: `log.${name}`, bytes: content })
        yield* actor.rest
        yield* call(client.DocumentsRetry({ documentId, ...once("again") }))
      })
  })

export const pipeline: Readonly<Record<string, Scenario>> = {
  "pipeline txt": format("txt"),
  "pipeline md": format("md"),
  "pipeline html": format("html"),
  "pipeline pdf": format("pdf"),
  "pipeline eml": format("eml"),
  "pipeline steps": stepped
}
