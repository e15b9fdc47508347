import { Option, Schema } from "effect"
import { OnBehalfOf } from "./Caller.ts"

/**
 * Whom a call is made for, on any transport and for any operation: a private dataset can be read only for its maker. The value is JSON,
 * percent-encoded, because names are not ASCII. Mutations may say it in their payload instead, which goes first.
 */
export const onBehalfOfHeader = "sheaf-on-behalf-of"

const Sent = Schema.fromJsonString(OnBehalfOf)
const encode = Schema.encodeSync(Sent)
const decode = Schema.decodeUnknownOption(Sent)

export const encodeOnBehalfOf = (person: OnBehalfOf): string => encodeURIComponent(encode(person))

/** `None` for what is no such value. */
export const decodeOnBehalfOf = (value: string): Option.Option<OnBehalfOf> => {
  try {
    return decode(decodeURIComponent(value))
  } catch {
    return Option.none()
  }
}
