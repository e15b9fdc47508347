import { cleanName } from "./cleanName.ts"

/** The name with a number before its extension: `report.pdf` and 2 give `report (2).pdf`. Stays within what a name may be. */
export const numberedName = (name: string, number: number): string => {
  const dot = name.lastIndexOf(".")
  const end = dot > 0 && name.length - dot <= 32 ? dot : name.length
  const mark = ` (${number})`
  const numbered = (stem: string) => `${stem}${mark}${name.slice(end)}`
  let stem = Array.from(name.slice(0, end))
  // What is too long is cut before the number: `cleanName` would cut the number off.
  while (stem.length > 1 && new TextEncoder().encode(numbered(stem.join(""))).length > 255) stem = stem.slice(0, -1)
  return cleanName(numbered(stem.join("")))
}
