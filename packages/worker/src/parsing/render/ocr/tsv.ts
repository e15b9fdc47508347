/** A word as it was recognised, in pixels from the top left. */
export interface Word {
  readonly text: string
  /** 0 to 100. */
  readonly confidence: number
  readonly x0: number
  readonly y0: number
  readonly x1: number
  readonly y1: number
}

/** Words of lines of paragraphs, in reading order. */
export type Lines = ReadonlyArray<ReadonlyArray<Word>>

/** Reads Tesseract's table: a row for each page, block, paragraph, line and word, with the numbers of those that it is part of. */
export const paragraphsOf = (tsv: string): ReadonlyArray<Lines> => {
  const paragraphs = new Map<string, Map<string, Array<Word>>>()
  for (const row of tsv.split("\n")) {
    const [level, page, block, paragraph, line, , left, top, width, height, confidence, text] = row.split("\t")
    if (level !== "5" || text === undefined || text.trim() === "") continue
    const place = `${page} ${block} ${paragraph}`
    const lines = paragraphs.get(place) ?? new Map<string, Array<Word>>()
    paragraphs.set(place, lines)
    const words = lines.get(line!) ?? []
    lines.set(line!, words)
    const [x0, y0] = [Number(left), Number(top)]
    words.push({
      text: text.trim(),
      confidence: Number(confidence),
      x0,
      y0,
      x1: x0 + Number(width),
      y1: y0 + Number(height)
    })
  }
  return [...paragraphs.values()].map((lines) => Array.from(lines.values()))
}
