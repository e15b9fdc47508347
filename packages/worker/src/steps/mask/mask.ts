import type { Element } from "@sheaf/domain/documents/Element"
import type { Maskable, StepOf } from "@sheaf/domain/pipelines/Step"
import { isIPv4, isIPv6 } from "node:net"
import { cleaning, type MakeStep } from "../Step.ts"
import { mapTextWith } from "../texts.ts"

/** Where something may be, and whether it is. Every repetition is bounded, so that no text takes quadratic time. */
interface Finder {
  readonly pattern: RegExp
  readonly isOne?: (candidate: string) => boolean
}

const digits = (text: string): number => text.replace(/\D/g, "").length

const finders: { readonly [What in Maskable]: Finder } = {
  urls: { pattern: /\b(?:(?:https?|ftp):\/\/|www\.)[^\s<>"'()[\]]{1,2048}/giu },
  emails: {
    pattern: /(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9-])/g
  },
  "ip-addresses": {
    pattern: /(?<![0-9A-Fa-f:.])(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f:]{2,39})(?![0-9A-Fa-f:]|\.[0-9])/g,
    isOne: (candidate) => isIPv4(candidate) || isIPv6(candidate)
  },
  // As they are written with a country or area code: other rows of digits are dates, amounts and numbers of parts.
  "phone-numbers": {
    pattern: /(?<![\w+.])(?:\+|\(?0)[0-9 ()./-]{5,24}[0-9](?!\w)/g,
    isOne: (candidate) => digits(candidate) >= 7 && digits(candidate) <= 15
  }
}

const labels: { readonly [What in Maskable]: string } = {
  urls: "[url]",
  emails: "[email]",
  "ip-addresses": "[ip-address]",
  "phone-numbers": "[phone-number]"
}

const closing = new Set(".,;:!?")

/** A sentence may end with an address: its full stop is not part of it. */
const trimmed = (found: string): string => {
  let end = found.length
  while (end > 0 && closing.has(found[end - 1]!)) end--
  return found.slice(0, end)
}

/** The text without the addresses of these kinds, or with something in their place. */
export const masked = (text: string, { action = "mask", what, with: label }: Omit<StepOf<"mask">, "step">): string => {
  let result = text
  for (const kind of what) {
    const { isOne = () => true, pattern } = finders[kind]
    const instead = action === "remove" ? "" : label ?? labels[kind]
    result = result.replace(pattern, (found) => {
      const own = trimmed(found)
      return isOne(own) ? instead + found.slice(own.length) : found
    })
  }
  return result
}

export const mask: MakeStep<"mask", Element> = (settings, context) =>
  cleaning(context, (element) => mapTextWith(element, (text) => masked(text, settings)))
