import { Schema } from "effect"
import { Filter } from "../search/Filter.ts"
import { DocumentId } from "../ids.ts"
import { isStorable } from "../text.ts"
import { Timestamp } from "../time.ts"
import { DocumentStatus } from "./status.ts"

const text = Schema.String.check(Schema.isBetweenLength(1, 255), isStorable)

/** At least one: an empty list would fit nothing, or everything, depending on whom one asks. */
const some = <Item extends Schema.Top>(item: Item) => Schema.Array(item).check(Schema.isBetweenLength(1, 50))

/** One of our era with four digits: what every database can compare. */
const instant = Timestamp.check(
  Schema.makeFilter((at: Date) => (at.getUTCFullYear() >= 1 && at.getUTCFullYear() <= 9999) || "a year of four digits")
)

/** From an instant on, and before another. */
const Between = Schema.Struct({ from: Schema.optionalKey(instant), before: Schema.optionalKey(instant) })

/** The end of a name after its last dot, in lower case: up to 16 letters and digits with something before the dot. */
export const suffixOf = (name: string): string | null => /.\.([a-z0-9]{1,16})$/iu.exec(name)?.[1]?.toLowerCase() ?? null

/** Which documents of a dataset: all conditions that are given hold. Those that are being deleted are left out unless asked for. */
export const DocumentFilter = Schema.Struct({
  /** Part of the name, whatever the case. */
  name: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(255), isStorable)),
  status: Schema.optionalKey(some(DocumentStatus)),
  /** Those that were attached to a document; `null`: those that came by themselves. */
  attachedTo: Schema.optionalKey(Schema.NullOr(DocumentId)),
  /** As found in the content, like `application/pdf`. */
  mediaType: Schema.optionalKey(some(text)),
  /** Of the name, without the dot and in any case: `pdf`. */
  suffix: Schema.optionalKey(some(Schema.String.check(Schema.isPattern(/^[A-Za-z0-9]{1,16}$/)))),
  /** Who added it: the id of a key, or of the person it acted for. */
  actor: Schema.optionalKey(Schema.String.check(Schema.isBetweenLength(1, 200), isStorable)),
  /** A typed tree over the metadata, as in a search; also over `$name`, `$mediaType`, `$documentId` and `$createdAt`. */
  metadata: Schema.optionalKey(Filter),
  createdAt: Schema.optionalKey(Between),
  updatedAt: Schema.optionalKey(Between)
})
export type DocumentFilter = typeof DocumentFilter.Type
