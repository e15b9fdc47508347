import { Schema } from "effect"
import { DocumentId } from "../ids.ts"

/** A change that the search index has yet to follow: it knows of it once it has seen that generation of the document. */
export interface IndexMark {
  readonly documentId: DocumentId
  readonly generation: number
}

const mark = "[0-9a-fA-F-]{36}\\.[0-9]{1,9}"

/** What a change answers and a search waits for. Opaque to clients; names up to 1,000 documents. */
export const IndexToken = Schema.String.check(
  Schema.isPattern(new RegExp(`^(${mark}(~${mark}){0,999})?$`)),
  Schema.isMaxLength(50_000)
)

export const encodeIndexToken = (marks: ReadonlyArray<IndexMark>): string =>
  marks.map(({ documentId, generation }) => `${documentId}.${generation}`).join("~")

/** The marks of a token that fits `IndexToken`. */
export const decodeIndexToken = (token: string): ReadonlyArray<IndexMark> =>
  token === "" ? [] : token.split("~").map((text) => ({
    documentId: DocumentId.make(text.slice(0, 36)),
    generation: Number(text.slice(37))
  }))
