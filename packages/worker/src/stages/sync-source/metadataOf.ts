import type { NotionProperty } from "@sheaf/adapters/notion/model"
import { fieldName, maxFields, type Metadata, type MetadataValue } from "@sheaf/domain/documents/Metadata"
import { valueText } from "../../parsing/notion/properties.ts"
import { unsteadyTypes } from "../../sources/notion/steady.ts"

/** Characters of one text, and texts of one list, as fields of documents have them. */
const maxText = 2_000
const maxItems = 100

/** What a field is called: names of Notion may be anything. Empty where nothing is left of it. */
const fieldOf = (name: string): string => {
  const plain = name.normalize("NFKD").replaceAll(/[^A-Za-z0-9_.-]+/g, "_").replaceAll(/^[_.-]+|[_.-]+$/g, "")
  const field = /^[0-9]/.test(plain) ? `_${plain}` : plain
  return fieldName.test(field.slice(0, 64)) ? field.slice(0, 64) : ""
}

const clean = (text: string): string => text.replaceAll("\u0000", "").toWellFormed().slice(0, maxText).toWellFormed()

const valueOf = ({ type, value }: NotionProperty): MetadataValue | undefined => {
  if (type === "number") return typeof value === "number" && Number.isFinite(value) ? value : undefined
  if (type === "checkbox") return typeof value === "boolean" ? value : undefined
  if ((type === "multi_select" || type === "people") && Array.isArray(value)) {
    const items = value.map((item) => clean(valueText(type, [item]) ?? "")).filter((text) => text !== "")
    return items.length === 0 ? undefined : items.slice(0, maxItems)
  }
  const text = clean(valueText(type, value) ?? "").trim()
  return text === "" ? undefined : text
}

/**
 * The values of a page as fields of its document. Numbers, checkboxes and lists stay what they are, everything else becomes text. Of values whose
 * names become the same field the first holds; what changes with every edit is none.
 */
export const metadataOf = (properties: ReadonlyArray<NotionProperty>): Metadata => {
  const fields = new Map<string, MetadataValue>()
  for (const property of properties) {
    if (property.type === "title" || unsteadyTypes.has(property.type)) continue
    const field = fieldOf(property.name)
    const value = valueOf(property)
    if (field === "" || value === undefined || fields.has(field) || fields.size === maxFields) continue
    fields.set(field, value)
  }
  return Object.fromEntries(fields)
}
