import { RE2JS, RE2JSException } from "re2js"

// Regular expressions of users. RE2's engine takes time in proportion to the text, whatever the pattern: that of the language does not.

/** Largest program that a pattern may become: what one look through a text costs grows with it. */
const maxProgram = 400

/** A pattern that is ready for use. */
export interface Pattern {
  readonly finds: (text: string) => boolean
  /**
   * The text with every match replaced. `null` where that would be longer than `maxLength` UTF-16 units, or where finding all matches
   * takes too long: a pattern that has to look far ahead for every match takes quadratic time.
   */
  readonly replace: (text: string, replacement: string, maxLength: number) => string | null
}

/** For all matches in one text. */
const patienceMs = 2_000

const compiled = (pattern: string, ignoreCase: boolean): RE2JS => {
  const flags = RE2JS.MULTILINE | (ignoreCase ? RE2JS.CASE_INSENSITIVE : 0)
  return RE2JS.compile(pattern, flags)
}

/** What is wrong with a pattern; `null`: nothing. */
export const patternProblem = (pattern: string): string | null => {
  try {
    const size = compiled(pattern, false).programSize()
    return size > maxProgram
      ? `is too large: its repetitions become ${size} instructions, and at most ${maxProgram} may be`
      : null
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    return `is no regular expression of RE2's syntax (${error.message})`
  }
}

const clock = () => performance.now()

/** Dies for a pattern that `patternProblem` complains about. */
export const makePattern = (pattern: string, ignoreCase = false): Pattern => {
  const re = compiled(pattern, ignoreCase)
  return {
    finds: (text) => re.matcher(text).find(),
    replace: (text, replacement, maxLength) => {
      const matcher = re.matcher(text)
      const end = clock() + patienceMs
      let result = ""
      let from = 0
      while (matcher.find()) {
        result += text.slice(from, matcher.start()) + expanded(replacement, (name) => matcher.group(name))
        from = matcher.end()
        if (result.length > maxLength || clock() > end) return null
      }
      return result.length + text.length - from > maxLength ? null : result + text.slice(from)
    }
  }
}

const references = /\$(?:\$|&|(\d{1,2})|<([A-Za-z_][A-Za-z0-9_]*)>)/g

/** `$1`, `$<name>`, `$&` and `$$`. A group that there is not stands for nothing. */
const expanded = (replacement: string, group: (name: number | string) => string | null): string =>
  replacement.includes("$")
    ? replacement.replace(references, (reference, number?: string, name?: string) => {
      if (reference === "$$") return "$"
      try {
        return group(reference === "$&" ? 0 : number === undefined ? name! : Number(number)) ?? ""
      } catch {
        return ""
      }
    })
    : replacement
