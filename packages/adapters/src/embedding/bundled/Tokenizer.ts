/** A piece of the vocabulary with its log probability. */
export type Vocabulary = ReadonlyArray<readonly [piece: string, score: number]>

interface Node {
  readonly next: Map<string, Node>
  /** Index in the vocabulary of the piece that ends here. */
  piece: number | undefined
}

/** Padding, start, end and spare symbols at the head of the vocabulary; never found in a text. */
const reserved = 6
const space = "\u2581"
/** Index of the piece for what the vocabulary does not know. */
const unknown = 0

const makeNode = (): Node => ({ next: new Map(), piece: undefined })

const trieOf = (vocabulary: Vocabulary): Node => {
  const root = makeNode()
  for (let index = reserved; index < vocabulary.length; index++) {
    let node = root
    for (const symbol of vocabulary[index]![0]) {
      let next = node.next.get(symbol)
      if (next === undefined) node.next.set(symbol, next = makeNode())
      node = next
    }
    node.piece = index
  }
  return root
}

export interface Tokenizer {
  readonly encode: (text: string) => Array<number>
  /** How many pieces `encode` gives. */
  readonly count: (text: string) => number
}

/** Words whose count is remembered; there are some ten thousand in a language's everyday texts. */
const mostWords = 50_000
const longestWord = 64

/**
 * The model's own tokenizer (SentencePiece, unigram): the same pieces as the model's package gives, number for number, but in time
 * linear in the text where the package copies the rest of the text at every character. There are no special tokens.
 */
export const makeTokenizer = (vocabulary: Vocabulary): Tokenizer => {
  const root = trieOf(vocabulary)

  /** For every end position the piece that ends the likeliest segmentation of the text up to there. */
  const bestPieces = (symbols: ReadonlyArray<string>) => {
    const best = new Float64Array(symbols.length + 1)
    const pieces = Array.from({ length: symbols.length + 1 }, () => unknown)
    let isReached = true
    const offer = (end: number, piece: number, score: number) => {
      if (score === 0) isReached = false
      // A position that nothing has reached counts as 0, and so does one of score 0: the model was trained with this.
      if (best[end] !== 0 && score < best[end]!) return
      best[end] = score
      pieces[end] = piece
    }
    for (let start = 0; start < symbols.length; start++) {
      isReached &&= start === 0 || best[start] !== 0
      let found = false
      let node = root.next.get(symbols[start]!)
      for (let end = start + 1; node !== undefined; end++) {
        if (node.piece !== undefined) {
          found = true
          offer(end, node.piece, vocabulary[node.piece]![1] + best[start]!)
        }
        node = end < symbols.length ? node.next.get(symbols[end]!) : undefined
      }
      if (!found) offer(start + 1, unknown, best[start]!)
    }
    return { pieces, isReached }
  }

  const piecesOf = (symbols: ReadonlyArray<string>, pieces: ReadonlyArray<number>): Array<number> => {
    const backwards: Array<number> = []
    for (let end = symbols.length; end > 0; end -= vocabulary[pieces[end]!]![0].length) {
      const piece = pieces[end]!
      // Neighbouring unknowns are one.
      if (piece !== unknown || backwards.at(-1) !== unknown) backwards.push(piece)
    }
    return backwards.toReversed()
  }

  const encode = (text: string): Array<number> => {
    const normal = text.normalize("NFKC")
    if (normal === "") return []
    const symbols = [...(space + normal.replaceAll(" ", space))]
    return piecesOf(symbols, bestPieces(symbols).pieces)
  }

  // No piece reaches over the beginning of a word, so words can be counted one by one. The exception are positions of score 0, which no
  // piece ends at, or one without a score (":"): that is compared with the score of all the text before them.
  const wholeWords = vocabulary.every(([piece]) => !piece.slice(1).includes(space))
  const counts = new Map<string, number | undefined>()
  const countOfWord = (word: string): number | undefined => {
    const known = counts.get(word)
    if (known !== undefined || counts.has(word)) return known
    const symbols = [...(space + word)]
    const { isReached, pieces } = bestPieces(symbols)
    const count = isReached ? piecesOf(symbols, pieces).length : undefined
    if (counts.size >= mostWords) counts.clear()
    if (word.length <= longestWord) counts.set(word, count)
    return count
  }

  const count = (text: string): number => {
    const normal = text.normalize("NFKC")
    if (normal === "") return 0
    let total = 0
    for (const word of wholeWords ? normal.split(" ") : []) {
      const own = countOfWord(word)
      if (own === undefined) return encode(text).length
      total += own
    }
    return wholeWords ? total : encode(text).length
  }

  return { encode, count }
}
