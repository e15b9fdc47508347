import { isRecord, isScalar, type Json, scalarText } from "../json/lines.ts"
import type { PropertyLine } from "./format.ts"
import { dateText, richText } from "./richText.ts"

/** Values that show nothing by themselves: ids of other pages, buttons, and the title, which stands above all. */
const silent = new Set(["title", "relation", "button"])

const named = (value: Json | undefined): string =>
  isRecord(value ?? null) ? nameIn(value as { [key: string]: Json }) : ""

const nameIn = ({ address, name, url }: { readonly [key: string]: Json }): string =>
  [name, address, url].find((one): one is string => typeof one === "string" && one !== "") ?? ""

const listed = (value: Json, each: (item: Json) => string): string =>
  Array.isArray(value) ? value.map(each).filter((item) => item !== "").join(", ") : ""

const fileName = (file: Json): string => {
  if (!isRecord(file)) return ""
  const { external, name } = file
  return typeof name === "string" && name !== "" ? name : named(external)
}

const idText = (value: Json): string => {
  if (!isRecord(value)) return ""
  const { number, prefix } = value
  return typeof number !== "number"
    ? ""
    : typeof prefix === "string" && prefix !== ""
    ? `${prefix}-${number}`
    : `${number}`
}

/** What a formula or a roll-up has come to: a value of the type that it names. */
const computed = (value: Json, depth: number): string | undefined => {
  if (!isRecord(value) || typeof value["type"] !== "string") return ""
  const { type } = value
  const inner = value[type] ?? null
  if (type === "array") return listed(inner, (item) => computed(item, depth) ?? "")
  if (type === "incomplete" || type === "unsupported") return ""
  if (type === "string" || type === "number") return isScalar(inner) ? scalarText(inner) : ""
  if (type === "boolean") return yesOrNo(inner)
  return valueText(type, inner, depth + 1)
}

const yesOrNo = (value: Json): string => value === true ? "yes" : value === false ? "no" : ""

/** A value as text; undefined for a type that is not known, empty for one that says nothing. */
export const valueText = (type: string, value: Json, depth = 0): string | undefined => {
  if (value === null || silent.has(type) || depth > 8) return type === "title" ? richText(value) : ""
  switch (type) {
    case "rich_text":
      return richText(value)
    case "number":
    case "url":
    case "email":
    case "phone_number":
    case "created_time":
    case "last_edited_time":
      return isScalar(value) ? scalarText(value) : ""
    case "checkbox":
      return yesOrNo(value)
    case "select":
    case "status":
    case "created_by":
    case "last_edited_by":
    case "place":
    case "location":
      return named(value)
    case "multi_select":
    case "people":
      return listed(value, named)
    case "date":
      return dateText(value)
    case "files":
      return listed(value, fileName)
    case "unique_id":
      return idText(value)
    case "verification":
      return isRecord(value) && typeof value["state"] === "string" ? value["state"] : ""
    case "formula":
    case "rollup":
      return computed(value, depth)
    default:
      return undefined
  }
}

/** `name: value` for each value that says something, and the types that are not known. */
export const propertyLines = (properties: ReadonlyArray<PropertyLine>) => {
  const lines: Array<string> = []
  const unknown = new Set<string>()
  for (const { name, type, value } of properties) {
    if (type === "title") continue
    const text = valueText(type, value)
    if (text === undefined) unknown.add(type)
    else if (text.trim() !== "") lines.push(`${name}: ${text.replaceAll(/\s+/g, " ").trim()}`)
  }
  return { lines, unknown }
}
