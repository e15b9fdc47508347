/** Which parts of a date or time a format shows. */
export interface DateParts {
  /** A span of time that may be longer than a day. */
  readonly elapsed: boolean
  readonly year: boolean
  readonly month: boolean
  readonly day: boolean
  readonly hour: boolean
  readonly minute: boolean
  readonly second: boolean
}

const secondsOfDay = 86_400
const lastDay = 2_958_465

/**
 * A day number with the time of day behind the point, as ISO 8601 has dates, as far as the parts go. Day 1 is 1 January 1900 and there is a
 * 29 February 1900 that never was; or day 0 is 1 January 1904.
 */
export const dateText = (value: number, parts: DateParts, date1904: boolean): string => {
  const seconds = Math.round(value * secondsOfDay)
  if (parts.elapsed) return clock(seconds, parts)
  const days = Math.floor(seconds / secondsOfDay) + (date1904 ? 1_462 : 0)
  if (days < 0 || days > lastDay) return String(value)
  const time = clock(seconds % secondsOfDay, parts)
  const date = calendar(days, parts)
  return [date, time].filter((text) => text !== "").join(" ")
}

const calendar = (days: number, { day, month, year }: DateParts): string => {
  const [years, months, dates] = civil(days < 60 ? days + 1 : days)
  // A month or day alone is shown with what it belongs to: the value has it.
  if (day) return year || month ? `${years}-${months}-${dates}` : dates
  if (month) return `${years}-${months}`
  return year ? years : ""
}

const daysOf400Years = 146_097

/**
 * Year, month and day of a count that has 1 January 1900 for its day 2, in the Gregorian calendar. Years are taken to begin in March: then
 * February's odd length comes last.
 */
const civil = (count: number): readonly [year: string, month: string, day: string] => {
  // From 1 March 1600, where a cycle of 400 years begins.
  const days = count + 109_511
  const cycle = Math.floor(days / daysOf400Years)
  const ofCycle = days - cycle * daysOf400Years
  const year = Math.floor(
    (ofCycle - Math.floor(ofCycle / 1_460) + Math.floor(ofCycle / 36_524) - Math.floor(ofCycle / 146_096)) / 365
  )
  const ofYear = ofCycle - (365 * year + Math.floor(year / 4) - Math.floor(year / 100))
  const month = Math.floor((5 * ofYear + 2) / 153)
  const day = ofYear - Math.floor((153 * month + 2) / 5) + 1
  const two = (number: number) => String(number).padStart(2, "0")
  return [
    String(1_600 + 400 * cycle + year + (month > 9 ? 1 : 0)),
    two(month < 10 ? month + 3 : month - 9),
    two(day)
  ]
}

const clock = (seconds: number, { elapsed, hour, minute, second }: DateParts): string => {
  if (!hour && !minute && !second) return ""
  const two = (number: number) => String(number).padStart(2, "0")
  const hours = Math.floor(seconds / 3_600)
  const minutes = Math.floor(seconds / 60) % 60
  if (!hour && elapsed) return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`
  return [
    hour ? elapsed ? String(hours) : two(hours) : null,
    two(minutes),
    second ? two(seconds % 60) : null
  ].filter((text) => text !== null).join(":")
}
