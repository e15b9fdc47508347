import { makePattern } from "@sheaf/adapters/text/pattern"
import type { Element } from "@sheaf/domain/documents/Element"
import { Result } from "effect"
import { maxElementLength } from "../../parsing/tidy.ts"
import { cleaning, type MakeStep } from "../Step.ts"
import { mapText } from "../texts.ts"

/** Of what one element may become: it is cut into elements of the usual length again. */
const maxLength = 4 * maxElementLength

export const replace: MakeStep<"replace", Element> = ({ ignoreCase, pattern, with: replacement = "" }, context) => {
  const found = makePattern(pattern, ignoreCase)
  return cleaning(context, (element) =>
    mapText(element, (text) => {
      const replaced = found.replace(text, replacement, maxLength)
      return replaced === null
        ? Result.fail(`its matches take too long to find, or make more than ${maxLength} characters of one element`)
        : Result.succeed(replaced)
    }))
}
