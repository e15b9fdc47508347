import { clientKey } from "./client.ts"
import { sections } from "./sections.ts"

const known: ReadonlyArray<string> = sections.flatMap(({ variables }) =>
  // Commands read their key themselves, and from no file.
  variables.flatMap(({ name, secret }) => secret && name !== clientKey.name ? [name, `${name}_FILE`] : [name])
)

/** Changes (insert, remove, replace a letter) that lead from one text to the other: Levenshtein's distance. */
const distance = (one: string, other: string): number => {
  let above = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let row = 1; row <= one.length; row++) {
    const current = [row]
    for (let column = 1; column <= other.length; column++) {
      const replaced = above[column - 1]! + (one[row - 1] === other[column - 1] ? 0 : 1)
      current.push(Math.min(replaced, above[column]! + 1, current[column - 1]! + 1))
    }
    above = current
  }
  return above[other.length]!
}

/** Names that begin with ours and that nobody reads: a slip of the pen would otherwise go unnoticed. Each with what may be meant. */
export const unknownNames = (names: Iterable<string>): ReadonlyArray<string> =>
  Array.from(names).filter((name) =>
    name.startsWith("SHEAF_") && !name.startsWith("SHEAF_TEST_") && !known.includes(name)
  )
    .sort()
    .map((name) => {
      const nearest = known.map((candidate) => ({ candidate, changes: distance(name, candidate) }))
        .sort((a, b) => a.changes - b.changes)[0]!
      const meant = nearest.changes <= Math.max(3, name.length / 3) ? ` Is ${nearest.candidate} meant?` : ""
      return `${name} is set, but there is no such variable.${meant}`
    })
