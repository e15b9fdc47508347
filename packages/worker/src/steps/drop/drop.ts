import { makePattern } from "@sheaf/adapters/text/pattern"
import type { Element } from "@sheaf/domain/documents/Element"
import { Result } from "effect"
import { cleaning, type MakeStep } from "../Step.ts"

export const drop: MakeStep<"drop", Element> = ({ ignoreCase, kinds, pattern }, context) => {
  const found = pattern === undefined ? undefined : makePattern(pattern, ignoreCase)
  // Given both, what is of these kinds and is found.
  return cleaning(context, (element) => {
    const isOfKind = kinds === undefined || kinds.length === 0 || kinds.includes(element.kind)
    return Result.succeed(isOfKind && (found === undefined || found.finds(element.text)) ? null : element)
  })
}
