import { isRecord, type Json } from "../json/lines.ts"

/** A date, or a span of time, as Notion gives it. */
export const dateText = (value: Json | undefined): string => {
  if (!isRecord(value ?? null)) return ""
  const { end, start } = value as { readonly [key: string]: Json }
  const [from, to] = [start, end].map((one) => typeof one === "string" ? one : "")
  return to === "" ? from! : `${from} → ${to}`
}

/** Rich text as plain text: names of people and pages, dates and formulas stand where they are mentioned; of links their words. */
export const richText = (value: Json | undefined): string => Array.isArray(value) ? value.map(partText).join("") : ""

const partText = (part: Json): string => {
  if (!isRecord(part)) return ""
  const plain = typeof part["plain_text"] === "string" ? part["plain_text"] : ""
  const { equation, mention, text } = part
  if (isRecord(mention ?? null)) {
    const { date } = mention as { readonly [key: string]: Json }
    // Notion leaves an arrow behind a date that has no end.
    return date === undefined ? plain : dateText(date)
  }
  if (plain !== "") return plain
  // What is sent to Notion, rather than by it, has no plain text.
  if (isRecord(equation ?? null)) return String((equation as { readonly [key: string]: Json })["expression"] ?? "")
  return isRecord(text ?? null) ? String((text as { readonly [key: string]: Json })["content"] ?? "") : ""
}
