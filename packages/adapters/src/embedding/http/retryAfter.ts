import { DateTime, Option } from "effect"

/** No server may keep work waiting for longer than this with one header (ms). */
const longest = 10 * 60_000

const clamp = (ms: number): number | undefined =>
  Number.isFinite(ms) && ms >= 0 ? Math.min(longest, Math.ceil(ms)) : undefined

/** A date of HTTP in its one current form, such as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, 5.6.7). */
const httpDate = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/**
 * How long to wait (ms) as `retry-after` says, seconds or a date (RFC 9110, 10.2.3), or `retry-after-ms` of OpenAI's servers;
 * `undefined` if they say nothing that can be understood.
 */
export const retryAfter = (headers: Readonly<Record<string, string | undefined>>, now: number): number | undefined => {
  const millis = headers["retry-after-ms"]?.trim()
  if (millis !== undefined && /^\d+(\.\d+)?$/.test(millis)) return clamp(Number(millis))
  const value = headers["retry-after"]?.trim()
  if (value === undefined) return undefined
  if (/^\d+(\.\d+)?$/.test(value)) return clamp(Number(value) * 1_000)
  if (!httpDate.test(value)) return undefined
  return Option.getOrUndefined(
    Option.map(DateTime.make(value), (date) => Math.min(longest, Math.max(0, DateTime.toEpochMillis(date) - now)))
  )
}
