import { type DateParts, dateText } from "./dates.ts"

/** Shows a number as the program would; dates in the form of ISO 8601 whatever the order of their parts, which depends on who looks. */
export type Show = (value: number) => string

/** Formats that have a number instead of a code (ISO/IEC 29500-1, 18.8.30). Those not named here are dates, or show as they are. */
const builtIn: Readonly<Record<number, string>> = {
  1: "0",
  2: "0.00",
  3: "#,##0",
  4: "#,##0.00",
  9: "0%",
  10: "0.00%",
  11: "0.00E+00",
  14: "yyyy-mm-dd",
  15: "d-mmm-yy",
  16: "d-mmm",
  17: "mmm-yy",
  18: "h:mm",
  19: "h:mm:ss",
  20: "h:mm",
  21: "h:mm:ss",
  22: "yyyy-mm-dd h:mm",
  37: "#,##0;(#,##0)",
  38: "#,##0;(#,##0)",
  39: "#,##0.00;(#,##0.00)",
  40: "#,##0.00;(#,##0.00)",
  45: "mm:ss",
  46: "[h]:mm:ss",
  47: "mm:ss.0",
  48: "##0.0E+0",
  // Dates of East Asian calendars.
  ...Object.fromEntries([27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58].map((id) => [id, "yyyy-mm-dd"])),
  ...Object.fromEntries([32, 33, 34, 35, 55, 56].map((id) => [id, "h:mm:ss"]))
}

/** How numbers of a format are shown. `code` is what the workbook says of formats of its own. */
export const showOf = (id: number, code: string | undefined, date1904: boolean): Show => {
  const format = code ?? builtIn[id] ?? "General"
  const sections = sectionsOf(format).map((section) => sectionOf(section, date1904))
  const [positive = general, negative, zero] = sections
  return (value) => {
    if (!Number.isFinite(value)) return String(value)
    if (value < 0) return negative === undefined ? signed(positive(-value)) : negative(-value)
    return value === 0 && zero !== undefined ? zero(0) : positive(value)
  }
}

/** What is left of a negative number may round to nothing. */
const signed = (text: string): string => /[1-9]/.test(text) ? `-${text}` : text

/** Digits that a person would see: what computers leave behind the twelfth is cut. */
const general: Show = (value) => {
  const text = String(Number(value.toPrecision(11)))
  return text.includes("e") ? text.replace("e", "E") : text
}

/** Parts for positive numbers, negative ones, zero and text; a `;` within quotes separates nothing. */
const sectionsOf = (format: string): ReadonlyArray<string> => {
  const sections = [""]
  for (const part of format.match(/(?:"[^"]*"|\\.|[^;"\\])+|;/g) ?? []) {
    if (part === ";") sections.push("")
    else sections[sections.length - 1] += part
  }
  return sections
}

const sectionOf = (section: string, date1904: boolean): Show => {
  const bare = section.replace(/"[^"]*"|\\.|[_*]./g, "")
  // Colours, conditions and languages say nothing about digits; what stands in brackets for hours does.
  const code = bare.replace(/\[(?![hms]+\])[^\]]*\]/gi, "")
  if (/general|^@$/i.test(code)) return general
  const parts = datePartsOf(code)
  if (parts !== null) return (value) => dateText(value, parts, date1904)
  if (!/[0#?]/.test(code)) {
    const text = literal(section)
    return text.trim() === "" && code.trim() === "" ? general : () => text.trim()
  }
  // Fractions: nobody looks for 1/3 by its digits, nor for 0.3333 by its fraction.
  return code.includes("/") ? general : digits(section, code)
}

const datePartsOf = (code: string): DateParts | null => {
  if (/[0#?]/.test(code.replace(/\.0+/, "")) || !/[ymdhs]/i.test(code)) return null
  const elapsed = /\[[hms]+\]/i.test(code)
  // An m is minutes beside hours or seconds, and a month elsewhere.
  const minutes = /h[^a-z]*m|m[^a-z]*s|\[m/i.test(code)
  const months = /m/i.test(code.replace(/am\/pm|a\/p/gi, "").replace(/h+[^a-z]*m+|m+(?=[^a-z]*s)|\[m+\]/gi, ""))
  return {
    elapsed,
    year: /y/i.test(code),
    month: months,
    day: /d/i.test(code),
    hour: /h/i.test(code),
    minute: minutes,
    second: /s/i.test(code)
  }
}

/** Text in a section that is shown as it stands; `[$€-407]` is a sign of a currency and a language. */
const literal = (text: string): string =>
  text.replace(/_.|\*./g, "")
    .replace(/\[\$([^\]-]*)[^\]]*\]/g, "$1")
    .replace(/\[[^\]]*\]/g, "")
    .replace(/"([^"]*)"/g, "$1")
    .replace(/\\(.)/g, "$1")

const digits = (section: string, code: string): Show => {
  const percents = code.match(/%/g)?.length ?? 0
  const pattern = /[0#?][0#?,. ]*(?:E[+-][0#?]+)?/i.exec(code)?.[0] ?? "0"
  const [whole = "", fraction = ""] = pattern.split(/E/i)[0]!.trimEnd().split(".")
  const required = fraction.replace(/[^0]/g, "").length
  const allowed = fraction.replace(/[^0#?]/g, "").length
  const thousands = /,+$/.exec(whole === "" ? "" : pattern.split(/E/i)[0]!.trimEnd())?.[0].length ?? 0
  const grouped = /[0#?],[0#?]/.test(whole)
  const padded = whole.replace(/[^0]/g, "").length
  const [before, after] = around(section)
  return (value) => {
    const scaled = value * 100 ** percents / 1_000 ** thousands
    const number = /E/i.test(pattern)
      ? scaled.toExponential(Math.min(allowed, 20)).replace(/e([+-])(\d)$/, "E$10$2").replace("e", "E")
      : fixed(scaled, { required, allowed, padded, grouped })
    return `${before}${number}${after}`.trim()
  }
}

/** What is shown before and after the digits. */
const around = (section: string): readonly [before: string, after: string] => {
  const masked = section.replace(/"[^"]*"|\\.|\[[^\]]*\]|[_*]./g, (part) => "\u0000".repeat(part.length))
  const start = masked.search(/[0#?.]/)
  const end = masked.length - [...masked].toReversed().join("").search(/[0#?]/)
  const shown = (text: string) => literal(text).replace(/[,.]+$/, "")
  return start < 0 ? ["", ""] : [shown(section.slice(0, start)), literal(section.slice(end)).replace(/^,+/, "")]
}

interface Digits {
  readonly required: number
  readonly allowed: number
  readonly padded: number
  readonly grouped: boolean
}

const fixed = (value: number, { allowed, grouped, padded, required }: Digits): string => {
  const decimals = Math.min(allowed, 20)
  // Two decimals of 1.005 are 1.01 to a person, and to the programs; its binary form lies below.
  const half = Number(`${Math.round(Number(`${value}e${decimals}`))}e-${decimals}`)
  const rounded = (Number.isNaN(half) ? value : half).toFixed(decimals)
  if (rounded.includes("e")) return rounded
  const [whole = "0", fraction = ""] = rounded.split(".")
  const kept = fraction.slice(0, required) + fraction.slice(required).replace(/0+$/, "")
  const wide = whole.padStart(padded, "0")
  const spaced = grouped ? wide.replace(/\B(?=(?:\d{3})+$)/g, ",") : wide
  return kept === "" ? spaced : `${spaced}.${kept}`
}
