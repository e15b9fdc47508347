import { Sha256 } from "@sheaf/domain/ids"
import { createHash } from "node:crypto"

/** Marks that some put around a question and others do not. */
const marks = /^[\s¿¡]+|[\s.!?؟।。！？｡]+$/gu

/** What nobody sees: soft hyphens, marks of direction, zero-width spaces. Joiners are part of words. */
const unseen = /[\u00ad\u200b\u200e\u200f\u2060\ufeff]/gu

/** As two people who mean the same question might both have typed it: form, case, spaces and the marks at its ends do not count. */
export const normalisedQuestion = (question: string): string => {
  const text = question.normalize("NFKC").replace(unseen, "").toLowerCase().replace(/\s+/gu, " ").trim()
  return text.replace(marks, "") || text
}

const sha256 = (text: string): Sha256 => Sha256.make(createHash("sha256").update(text).digest("hex"))

/** With its app the natural key of an annotation. */
export const questionKeyOf = (question: string): Sha256 => sha256(normalisedQuestion(question))

/** Names the vector of a question: it is embedded as it stands. */
export const questionHashOf = (question: string): Sha256 => sha256(question)
