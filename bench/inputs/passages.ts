import { seeded } from "../retrieval/distractors.ts"

const syllables =
  `ba be bi bo bu da de di do du ka ke ki ko ku la le li lo lu ma me mi mo mu na ne ni no nu ra re ri ro ru sa se si so
  su ta te ti to tu va ve vi vo vu sta stra pri tron gen lek dor mal fin ter`.split(/\s+/)
const common =
  "the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which"
    .split(" ")

/** As many words as a library of manuals has. */
const vocabularySize = 30_000

/**
 * Passages over a large vocabulary whose words are as common as Zipf's law says, and questions of words that stand together in one:
 * the lists of an index are as long, and as unequal in length, as those of real text. The same seed, the same text.
 */
export const makePassages = (seed: number) => {
  const random = seeded(seed)
  const syllable = () => syllables[Math.floor(random() * syllables.length)]!
  const vocabulary = [...common]
  for (const known = new Set(common); vocabulary.length < vocabularySize;) {
    const word = Array.from({ length: 2 + Math.floor(random() * 3) }, syllable).join("")
    if (known.has(word)) continue
    known.add(word)
    vocabulary.push(word)
  }
  const word = () => vocabulary[Math.floor(vocabularySize ** random()) - 1]!
  const passage = (words: number): string => `${Array.from({ length: words }, word).join(" ")}.`
  const question = (text: string): string => {
    const words = text.split(" ")
    const length = 4 + Math.floor(random() * 5)
    const at = Math.floor(random() * (words.length - length))
    return words.slice(at, at + length).join(" ")
  }
  return { passage, question, random }
}
