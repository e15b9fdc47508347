// Line feeds and tabs mean something; every other control character is noise, and noncharacters, byte order marks and
// private-use glyphs are no text. Soft hyphens are the printer's, not the author's.
// oxlint-disable-next-line no-control-regex
const noise = /[\u0000-\u0008\u000b\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\ufeff\ufffe\uffff]|\p{Cs}/gu
// oxlint-disable-next-line no-control-regex
const plain = /^[\n\u0020-\u007e]*$/
const lineEnds = /\r\n?|[\u0085\u2028\u2029\f]/g

/**
 * Unicode in one shape: NFC, lone surrogates and control characters removed, line ends as line feeds. Tabs stay; joiners and
 * direction marks stay too, because Indic, Persian and emoji sequences need them.
 */
export const cleanText = (text: string): string =>
  plain.test(text) ? text : text.replace(lineEnds, "\n").replace(noise, "").normalize("NFC")

/** One line: every stretch of white space becomes one space. */
export const oneLine = (text: string): string => cleanText(text).replace(/\s+/g, " ").trim()

/** Lines as they are, but tabs as spaces, no white space at their ends, no empty lines around, at most one between. */
export const keepLines = (text: string): string => {
  // Not one expression: a pattern that looks for white space before an end takes quadratic time on a long stretch of it.
  const lines = cleanText(text).replace(/\t/g, "    ").split("\n").map((line) => line.trimEnd())
  const first = lines.findIndex((line) => line !== "")
  return first === -1 ? "" : lines.slice(first).join("\n").replace(/\n{3,}/g, "\n\n").trimEnd()
}
