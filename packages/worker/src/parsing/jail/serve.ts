import type { FailureCause } from "@sheaf/domain/documents/FailureCause"
import { Socket } from "node:net"
import { createInterface } from "node:readline"
import { ParseFailure } from "../Parser.ts"

// What every program inside a jail does: it takes one request at a time, until its standard input ends with its owner.

const replies = new Socket({ fd: 3, readable: false, writable: true })
replies.on("error", () => process.exit(0))

export type Send<Reply> = (reply: Reply) => Promise<void> | undefined

/** Waits while the reader is behind: what it has not read yet is all that is held here. */
const send = (reply: unknown): Promise<void> | undefined => {
  if (replies.write(`${JSON.stringify(reply)}\n`)) return undefined
  return new Promise((resolve) => replies.once("drain", resolve))
}

const failureOf = (error: unknown): FailureCause | null => {
  if (error instanceof ParseFailure) return error.failure
  const gone = error instanceof Error && "code" in error && error.code === "ENOENT"
  return gone ? { _tag: "SourceGone", detail: "the local copy of the file is not there" } : null
}

/** Answers requests until there are no more, then ends the process. */
export const serve = async <Request, Reply>(
  answer: (request: Request, send: Send<Reply>) => Promise<void>
): Promise<never> => {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    try {
      // Whoever writes to our standard input has started us.
      await answer(JSON.parse(line) as Request, send)
    } catch (error) {
      // Anything else is a bug of a parser: the process dies of it, and its owner says so.
      const failure = failureOf(error)
      if (failure === null) throw error
      await send({ _tag: "Failed", failure })
    }
  }
  process.exit(0)
}
