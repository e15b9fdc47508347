import { Option, Predicate, Schema } from "effect"

const parse = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Unknown))

/** Receipts are short; what is longer is not even looked at. */
const longest = 2_048

/**
 * Whether this is what JetStream itself says to a publisher, and no event. Whoever may publish anything can name any subject for the answer
 * to it, ours included: such answers are nobody's documents, and nobody's dead letters.
 */
export const isReceipt = (bytes: Uint8Array): boolean => {
  if (bytes.length > longest) return false
  const value = parse(new TextDecoder().decode(bytes))
  return Option.isSome(value) && Predicate.isObject(value.value) && !("version" in value.value) &&
    "stream" in value.value && Predicate.isString(value.value.stream) &&
    "seq" in value.value && Predicate.isNumber(value.value.seq)
}
