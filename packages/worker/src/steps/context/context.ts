import { oneLine } from "@sheaf/domain/documents/cleanText"
import { Stream } from "effect"
import type { Enriched, MakeStep } from "../Step.ts"

/** Of one title. */
const longest = 200

export const context: MakeStep<"context", Enriched> = ({ documentName = false, metadata = [] }, { document }) => {
  const fields = metadata.flatMap((field) => {
    const value = document.metadata[field]
    return value === undefined ? [] : [`${field}: ${Array.isArray(value) ? value.join(", ") : String(value)}`]
  })
  const above = [...(documentName ? [document.name] : []), ...fields]
    .map((title) => oneLine(title).slice(0, longest).toWellFormed())
    .filter((title) => title !== "")
  return (drafts) => Stream.map(drafts, (draft) => ({ ...draft, headingPath: [...above, ...draft.headingPath] }))
}
