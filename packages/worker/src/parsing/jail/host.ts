import type { Element } from "@sheaf/domain/documents/Element"
import type { FailureCause } from "@sheaf/domain/documents/FailureCause"
import { Socket } from "node:net"
import { createInterface } from "node:readline"
import { detect } from "../detect/detect.ts"
import { ParseFailure, type ParseInput, type Parser, type ParseWarning } from "../Parser.ts"
import { parserFor } from "../parsers.ts"
import { tidy } from "../tidy.ts"
import { assetsTo } from "./assets.ts"
import type { JailReply, JailRequest } from "./protocol.ts"

// The program that runs inside the jail: one request at a time, until its standard input ends with its owner.

const replies = new Socket({ fd: 3, readable: false, writable: true })
replies.on("error", () => process.exit(0))

/** Waits while the reader is behind: what it has not read yet is all that is held here. */
const send = (reply: JailReply): Promise<void> | undefined => {
  if (replies.write(`${JSON.stringify(reply)}\n`)) return undefined
  return new Promise((resolve) => replies.once("drain", resolve))
}

const prepare = async (request: JailRequest): Promise<readonly [Parser, ParseInput]> => {
  const detected = await detect(request.path, request.name)
  const mediaType = request.textAs !== undefined && detected.startsWith("text/") ? request.textAs : detected
  const parser = await parserFor(mediaType)
  if (parser === undefined) throw new ParseFailure({ _tag: "Unsupported", detectedType: mediaType })
  return [parser, { path: request.path, name: request.name, password: request.password, mediaType }]
}

/** Characters in one reply: so few that the reader never stands still over a line. */
const batchLength = 16_384

const parse = async (request: Extract<JailRequest, { readonly op: "parse" }>): Promise<void> => {
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

const answer = async (request: JailRequest): Promise<void> => {
  try {
    if (request.op === "parse") return await parse(request)
    const [parser, input] = await prepare(request)
    await send({ _tag: "Inspected", ...await parser.inspect(input) })
  } catch (error) {
    // Anything else is a bug of a parser: the process dies of it, and its owner says so.
    const failure = failureOf(error)
    if (failure === null) throw error
    await send({ _tag: "Failed", failure })
  }
}

const failureOf = (error: unknown): FailureCause | null => {
  if (error instanceof ParseFailure) return error.failure
  const gone = error instanceof Error && "code" in error && error.code === "ENOENT"
  return gone ? { _tag: "SourceGone", detail: "the local copy of the file is not there" } : null
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  await answer(JSON.parse(line) as JailRequest)
}
process.exit(0)
