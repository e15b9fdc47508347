import type { Element } from "@sheaf/domain/documents/Element"
import { cleaning, type MakeStep } from "../Step.ts"
import { mapTextWith } from "../texts.ts"

// Joiners (U+200C, U+200D) stay: Indic, Persian and emoji sequences are other words without them. Line feeds and tabs stay as well.
const unseen =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]|\p{Co}|\p{Cs}/gu

export const withoutUnseen = (text: string): string => text.replace(unseen, "")

export const controlCharacters: MakeStep<"control-characters", Element> = (_settings, context) =>
  cleaning(context, (element) => mapTextWith(element, withoutUnseen))
