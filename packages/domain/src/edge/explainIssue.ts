import { SchemaIssue } from "effect"

const format = SchemaIssue.makeFormatterDefault()

/** Nobody reads more complaints than this about one thing. */
const most = 5

/**
 * What does not fit a schema, for people. Where one of several shapes was wanted, the library names what is wrong with each of them; here
 * only those count that lack no key, and of these the ones with the fewest keys too many, as they are what was meant: rather those of
 * which a value is wrong than those that do not fit as a whole. If all lack a key, these are named. Decode with `errors: "all"` what
 * comes from the user's own machine: else only the first thing is told. What strangers send is not worth the memory.
 */
export const explainIssue = (issue: SchemaIssue.Issue): string => {
  // Shapes have fields in common: what is wrong with one of these is said once. A place stands on a line of its own below.
  const complaints = [...new Set(format(narrowed(issue)).split(/\n(?! )/))]
  const more = complaints.length - most
  return [...complaints.slice(0, most), ...(more > 0 ? [`and ${more} more`] : [])].join("\n")
}

const narrowed = (issue: SchemaIssue.Issue): SchemaIssue.Issue => {
  switch (issue._tag) {
    case "Pointer":
      return new SchemaIssue.Pointer(issue.path, narrowed(issue.issue))
    case "Composite": {
      const [first, ...others] = issue.issues
      return new SchemaIssue.Composite(issue.ast, [narrowed(first), ...others.map(narrowed)])
    }
    case "AnyOf": {
      const meant = meantOf(issue.issues)
      if (meant.length > 0) return new SchemaIssue.AnyOf(issue.ast, meant.map(narrowed))
      const keys = [...new Set(missingIn(issue))]
      return keys.length < 2
        ? issue
        : new SchemaIssue.InvalidValue({ message: `Missing key, one of ${keys.join(", ")}` })
    }
    default:
      return issue
  }
}

const meantOf = (members: ReadonlyArray<SchemaIssue.Issue>): ReadonlyArray<SchemaIssue.Issue> => {
  const whole = members.filter((member) => missingIn(member).length === 0)
  const least = Math.min(...whole.map(tooMany))
  const fitting = whole.filter((member) => tooMany(member) === least)
  const within = fitting.filter(({ _tag }) => _tag === "Composite")
  return within.length > 0 ? within : fitting
}

/** Keys of its own that a shape lacks; of a choice of shapes the first of each, if all of them lack one. */
const missingIn = (issue: SchemaIssue.Issue): ReadonlyArray<string> => {
  if (issue._tag === "AnyOf") {
    const members = issue.issues.map(missingIn)
    return members.every((keys) => keys.length > 0) ? members.flatMap(([first]) => first ?? []) : []
  }
  return keysOf(issue, "MissingKey")
}

const tooMany = (issue: SchemaIssue.Issue): number => keysOf(issue, "UnexpectedKey").length

const keysOf = (issue: SchemaIssue.Issue, what: "MissingKey" | "UnexpectedKey"): ReadonlyArray<string> =>
  issue._tag !== "Composite" ?
    [] :
    issue.issues.flatMap((part) =>
      part._tag === "Pointer" && part.issue._tag === what ? [JSON.stringify(part.path.at(-1))] : []
    )
