import type { Element } from "@sheaf/domain/documents/Element"
import { detect } from "../detect/detect.ts"
import { ParseFailure, type ParseInput, type Parser, type ParseWarning } from "../Parser.ts"
import { parserFor } from "../parsers.ts"
import { tidy } from "../tidy.ts"
import { assetsTo } from "./assets.ts"
import type { JailReply, JailRequest } from "./protocol.ts"
import { type Send, serve } from "./serve.ts"

// The program that parses inside the jail.

/** What people write line by line, whatever is meant by it. */
const isText = (mediaType: string): boolean => /^(?:text\/|application\/(?:json|x-ndjson)$)/.test(mediaType)

const prepare = async (request: JailRequest): Promise<readonly [Parser, ParseInput]> => {
  const detected = await detect(request.path, request.name)
  const mediaType = request.textAs !== undefined && isText(detected) ? request.textAs : detected
  const parser = await parserFor(mediaType)
  if (parser === undefined) throw new ParseFailure({ _tag: "Unsupported", detectedType: mediaType })
  return [parser, { path: request.path, name: request.name, password: request.password, mediaType }]
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

await serve(async (request: JailRequest, send: Send<JailReply>) => {
  if (request.op === "parse") return parse(request, send)
  const [parser, input] = await prepare(request)
  await send({ _tag: "Inspected", ...await parser.inspect(input) })
})
