import type { ImportKind } from "./ImportTarget.ts"

/** A field of a row, and what files call it. */
export interface ImportField {
  readonly name: string
  /** Lower case. */
  readonly known: ReadonlyArray<string>
  readonly required: boolean
}

/** What rows are made of. Without a header, columns stand in this order. */
export const importFields: { readonly [Kind in ImportKind]: ReadonlyArray<ImportField> } = {
  annotations: [
    { name: "question", known: ["question", "questions", "q"], required: true },
    { name: "answer", known: ["answer", "answers", "a"], required: true }
  ],
  segments: [
    { name: "text", known: ["text", "content", "segment"], required: true },
    { name: "keywords", known: ["keywords", "keyword", "tags"], required: false }
  ]
}
