/** A part of a file: `end` exclusive. */
export interface Part {
  readonly start: number
  readonly end: number
}

const oneRange = /^bytes=(\d*)-(\d*)$/

/**
 * What a `Range` header asks for (RFC 9110, section 14.2): `null` for the whole, also where it asks for several parts or in another
 * unit; "unsatisfiable" where nothing of it exists.
 */
export const partOf = (header: string | undefined, size: number): Part | null | "unsatisfiable" => {
  const match = oneRange.exec(header?.replaceAll(" ", "") ?? "")
  if (match === null) return null
  const [, first = "", last = ""] = match
  if (first === "" && last === "") return null
  if (first === "") {
    const length = Math.min(Number(last), size)
    return length === 0 ? "unsatisfiable" : { start: size - length, end: size }
  }
  const start = Number(first)
  if (last !== "" && Number(last) < start) return null
  if (start >= size) return "unsatisfiable"
  return { start, end: last === "" ? size : Math.min(Number(last) + 1, size) }
}
