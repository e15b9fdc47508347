/** Bytes of one answer: a hundred blocks of the longest texts are a few million. */
const maxBytes = 32 * 1_024 * 1_024

/** What Notion's client needs of an answer, read to its end: so that whoever gives up the call gives up the reading, too. */
export const readBounded = async (response: Response) => {
  const pieces: Array<Uint8Array> = []
  let size = 0
  for await (const piece of response.body ?? []) {
    size += piece.length
    if (size > maxBytes) throw new Error(`the answer is larger than ${maxBytes} bytes`)
    pieces.push(piece)
  }
  const text = Buffer.concat(pieces).toString("utf8")
  return { ok: response.ok, status: response.status, headers: response.headers, text: async () => text }
}
