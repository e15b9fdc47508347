import { Result } from "effect"
import { cleaning, type MakeStep } from "../Step.ts"
import type { Element } from "@sheaf/domain/documents/Element"
import { mapTextWith } from "../texts.ts"

/** Lines with single spaces, none of them empty. */
export const withoutExtraSpace = (text: string): string =>
  text.split("\n").map((line) => line.replace(/\s+/g, " ").trim()).filter((line) => line !== "").join("\n")

export const whitespace: MakeStep<"whitespace", Element> = (_settings, context) =>
  cleaning(
    context,
    // Indentation means something there.
    (element) => element.kind === "code" ? Result.succeed(element) : mapTextWith(element, withoutExtraSpace)
  )
