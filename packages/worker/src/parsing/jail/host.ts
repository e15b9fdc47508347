import type { Element } from "@sheaf/domain/documents/Element"
import { detect } from "../detect/detect.ts"
import { ParseFailure, type ParseInput, type Parser, type ParseWarning } from "../Parser.ts"
import { parserFor } from "../parsers.ts"
import type { FileRow } from "../rows/FilePart.ts"
import { tidy } from "../tidy.ts"
import { assetsTo } from "./assets.ts"
import type { JailReply, JailRequest } from "./protocol.ts"
import { type Send, serve } from "./serve.ts"

// The program that parses inside the jail.

/** What people write line by line, whatever is meant by it. */
const isText = (mediaType: string): boolean => /^(?:text\/|application\/(?:json|x-ndjson)$)/.test(mediaType)

const inputOf = async ({ name, password, path, textAs }: JailRequest): Promise<ParseInput> => {
  const detected = await detect(path, name)
  return { path, name, password, mediaType: textAs !== undefined && isText(detected) ? textAs : detected }
}

const prepare = async (request: JailRequest): Promise<readonly [Parser, ParseInput]> => {
  const input = await inputOf(request)
  const parser = await parserFor(input.mediaType)
  if (parser === undefined) throw new ParseFailure({ _tag: "Unsupported", detectedType: input.mediaType })
  return [parser, input]
}

/** Characters in one reply: so few that the reader never stands still over a line. */
const batchLength = 16_384

const parse = async (request: Extract<JailRequest, { readonly op: "parse" }>, send: Send<JailReply>): Promise<void> => {
  const [parser, input] = await prepare(request)
  let batch: Array<Element> = []
  let length = 0
  const output = { warn: (warning: ParseWarning) => void send({ _tag: "Warned", ...warning }), asset: assetsTo(send) }
  for await (const raw of parser.parse(input, request.range, output)) {
    for (const element of tidy(raw)) {
      batch.push(element)
      length += element.text.length + 80 * (1 + element.boxes.length)
      if (length < batchLength) continue
      await send({ _tag: "Elements", elements: batch })
      batch = []
      length = 0
    }
  }
  if (batch.length > 0) await send({ _tag: "Elements", elements: batch })
  await send({ _tag: "Done" })
}

const rows = async (request: Extract<JailRequest, { readonly op: "rows" }>, send: Send<JailReply>): Promise<void> => {
  const { fileRows } = await import("../rows/fileRows.ts")
  const { fields, reading } = request
  let batch: Array<FileRow> = []
  let length = 0
  for await (const part of fileRows({ ...await inputOf(request), fields, reading })) {
    if ("columns" in part) {
      await send({ _tag: "Columns", ...part.columns })
      continue
    }
    batch.push(part.row)
    length += part.row.values.reduce((sum, value) => sum + (value?.length ?? 0), 80)
    if (length < batchLength) continue
    await send({ _tag: "Rows", rows: batch })
    batch = []
    length = 0
  }
  if (batch.length > 0) await send({ _tag: "Rows", rows: batch })
  await send({ _tag: "Done" })
}

await serve(async (request: JailRequest, send: Send<JailReply>) => {
  if (request.op === "parse") return parse(request, send)
  if (request.op === "rows") return rows(request, send)
  const [parser, input] = await prepare(request)
  await send({ _tag: "Inspected", ...await parser.inspect(input) })
})
