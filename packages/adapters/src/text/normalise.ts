import { stemmer } from "stemmer"
import { stemArabic } from "./arabic.ts"
import { stemHindi } from "./hindi.ts"

/** Longer words are cut: they are encoded data, and an index term has to be short. In UTF-16 units. */
export const maxTermLength = 64

/** Letters that Unicode does not take apart, as they are typed without their marks. */
const plain: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  đ: "d",
  ð: "d",
  þ: "th",
  ł: "l",
  ı: "i"
}

/** Alphabets whose accents are left out as often as not. Elsewhere a mark is part of the letter. */
const accented = /[\p{Script=Latin}\p{Script=Greek}\p{Script=Hebrew}]/u

const withoutAccents = (word: string): string =>
  word.normalize("NFKD").replace(/\p{M}/gu, "").normalize("NFKC").replace(/[ßæœøđðþłı]/g, (letter) => plain[letter]!)

/** A decimal digit of any script as an ASCII one: blocks of digits begin at a multiple of 16, the Indic ones 6 later. */
const asciiDigit = (digit: string): string => {
  const low = digit.codePointAt(0)! & 15
  return String(low >= 6 && /[०-९০-৯੦-੯૦-૯୦-୯௦-௯౦-౯೦-೯൦-൯]/u.test(digit) ? low - 6 : low)
}

const simple = /^[a-z0-9_]+$/

/** NFKC, lower case, accents and joiners removed, digits in ASCII. */
export const normalise = (word: string): string => {
  const lower = word.toLowerCase()
  if (simple.test(lower)) return lower
  const form = lower.normalize("NFKC").toLowerCase().replace(/[\u00ad\u200c\u200d]/g, "")
  const letters = accented.test(form) ? withoutAccents(form) : form
  return letters.replace(/ё/g, "е").replace(/(?![0-9])[\u0660-\u1819]/gu, (c) => /\p{Nd}/u.test(c) ? asciiDigit(c) : c)
}

const remembered = new Map<string, string>()

const english = (word: string): string => {
  const known = remembered.get(word)
  if (known !== undefined) return known
  if (remembered.size >= 50_000) remembered.clear()
  const stem = stemmer(word)
  remembered.set(word, stem)
  return stem
}

/**
 * The stem of a normalised word. It depends on the word's letters alone, never on a guess of the text's language: so a word of a
 * query always meets the same word of a segment. Latin letters are stemmed as English (Porter), which does other languages little harm,
 * as both sides are treated alike.
 */
export const stem = (word: string): string => {
  if (word.length > maxTermLength) return word.slice(0, maxTermLength)
  if (/^[a-z]{3,}$/.test(word)) return english(word)
  if (/[\u0620-\u06ff]/.test(word)) return stemArabic(word)
  return /[\u0900-\u097f]/.test(word) ? stemHindi(word) : word
}
