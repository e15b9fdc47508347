import { hash } from "node:crypto"

/** Tokens that a tokenizer puts around a text: a start and an end. */
const special = 2

/** Bytes that a text takes in a request. */
export const requestBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text)) + 1

/**
 * Never fewer than the tokens of a text: a byte-level BPE (OpenAI's, GPT-2's and their like) has no token of less than one byte, WordPiece
 * and SentencePiece none of less than one character. They compose characters first (NFKC), which may lengthen a text, so the longer form
 * counts.
 */
export const mostTokens = (text: string): number => {
  const bytes = Buffer.byteLength(text)
  const plain = bytes === text.length
  return special + (plain ? bytes : Math.max(bytes, Buffer.byteLength(text.normalize("NFKC"))))
}

const capacity = 20_000

/** The counts of texts seen lately: those that were cut by them are embedded soon after. */
export const makeTokenCounts = () => {
  const counts = new Map<string, number>()
  const keyOf = (text: string) => hash("sha1", text, "base64")

  const remember = (text: string, tokens: number) => {
    const key = keyOf(text)
    counts.delete(key)
    counts.set(key, tokens)
    if (counts.size > capacity) counts.delete(counts.keys().next().value!)
  }
  return { remember, find: (text: string): number | undefined => counts.get(keyOf(text)) }
}
