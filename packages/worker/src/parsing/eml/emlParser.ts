import { readFile, stat } from "node:fs/promises"
import PostalMime, { type Email } from "postal-mime"
import { attachedList } from "../attachedList.ts"
import { withImages } from "../html/images.ts"
import { ParseFailure, type Parser } from "../Parser.ts"
import { attachmentsOf, isCipher } from "./attachments.ts"
import { bodyOf } from "./body.ts"
import { headerLines } from "./headers.ts"

/** Bytes of one message: it is read into memory as a whole. Mail servers let less pass. */
const maxBytes = 64 * 1_024 * 1_024

/** Parts within parts; `TooLarge` beyond. */
const maxNesting = 50

/**
 * A mail (RFC 5322, MIME): its subject, who wrote to whom and when, and its body. What it quotes of other mails is kept and begins with `> `.
 * Pictures in the body are assets of what stands around them; attached files, mails among them, are assets of the list that ends the text.
 */
export const emlParser: Parser = {
  inspect: async ({ mediaType }) => ({ mediaType, pages: 0 }),
  parse: async function*({ path }, _range, output) {
    const email = await read(path)
    const { attached, inline } = attachmentsOf(email)
    const subject = email.subject ?? ""
    yield { kind: "title", level: 1, text: subject, boxes: [] }
    yield { kind: "list", text: headerLines(email).join("\n"), boxes: [] }
    const body = bodyOf(email, (source) => inline.has(source))
    if (body.length === 0 && attached.some(({ mediaType }) => isCipher(mediaType))) {
      throw new ParseFailure({ _tag: "Encrypted", wrongPassword: false })
    }
    yield* withImages(body, output, (source) => inline.get(source) ?? null)
    yield* attachedList(attached, output)
  }
}

const read = async (path: string): Promise<Email> => {
  const { size } = await stat(path)
  if (size > maxBytes) throw tooLarge("bytes of a mail", maxBytes, size)
  const bytes = await readFile(path)
  try {
    return await PostalMime.parse(bytes, { forceRfc822Attachments: true, maxNestingDepth: maxNesting })
  } catch (error) {
    const detail = error instanceof Error ? error.message : ""
    if (/nesting depth/i.test(detail)) throw tooLarge("levels of parts in a mail", maxNesting, maxNesting + 1)
    throw new ParseFailure({ _tag: "Corrupt", detail: detail.slice(0, 200) })
  }
}

const tooLarge = (what: string, limit: number, actual: number) =>
  new ParseFailure({ _tag: "TooLarge", what, limit, actual })
