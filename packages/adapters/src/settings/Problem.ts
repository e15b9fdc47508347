import { Data } from "effect"
import type { PartName } from "../health/Health.ts"

/** Something that stands in the way of a start. Holds no secret. */
export interface Problem {
  /** The variables, the part or the server that it is about. */
  readonly about: string
  readonly what: string
  /** What to do. */
  readonly remedy: string
  /** Nothing has to be changed here: it may work when it is tried again. */
  readonly temporary?: boolean
  /** The part of the process that it is about, where it is about one. */
  readonly part?: PartName
}

const lines = (problems: ReadonlyArray<Problem>): string =>
  problems.map(({ about, remedy, what }) => `\n  ${about}: ${what}\n    ${remedy}`).join("")

const things = (count: number): string => count === 1 ? "One thing stands" : `${count} things stand`

/** What is configured makes no sense, or does not fit what is there: all that was found, at once. */
export class BadConfiguration extends Data.TaggedError("BadConfiguration")<{
  readonly problems: ReadonlyArray<Problem>
}> {
  override get message() {
    return `${things(this.problems.length)} in the way:${lines(this.problems)}`
  }
  get hint() {
    return "`sheaf config` shows what is set and where it comes from; docs/configuration.md explains every variable."
  }
}

/** What is configured is right as far as can be seen, but something does not answer: whoever supervises this process starts it again. */
export class DependencyDown extends Data.TaggedError("DependencyDown")<{
  readonly problems: ReadonlyArray<Problem>
}> {
  override get message() {
    return `${things(this.problems.length)} in the way:${lines(this.problems)}`
  }
  get hint() {
    return "Start again when it answers; `sheaf doctor` looks at every part."
  }
}

/** The error that a list of problems is. */
export const refusal = (problems: ReadonlyArray<Problem>): BadConfiguration | DependencyDown =>
  problems.every((problem) => problem.temporary === true)
    ? new DependencyDown({ problems })
    : new BadConfiguration({ problems })
