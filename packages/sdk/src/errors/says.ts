import { type ApiError, errorFacts } from "@sheaf/domain/errors"

/** A hint that is always the same; whether trying again may help is the contract's to say. */
export const says = (tag: ApiError["_tag"], hint: string) => ({
  hint: () => hint,
  retryable: errorFacts[tag].retryable
})
