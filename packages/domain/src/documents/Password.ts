import { Schema } from "effect"

/**
 * What a protected file is opened with. It can be given, and never be read again: it is sealed with the document, and no answer, event or
 * log has it.
 */
export const Password = Schema.RedactedFromValue(Schema.String.check(Schema.isBetweenLength(1, 1_024)))
export type Password = typeof Password.Type
