import { Option } from "effect"
import * as Fs from "node:fs"
import type { Problem } from "./Problem.ts"
import type { Variable } from "./Variable.ts"

/** Where the value of a variable comes from. */
export type Origin = "default" | "environment" | "file" | "command line"

/** What a variable holds, fit to be shown. */
export interface Reading {
  readonly variable: Variable<unknown>
  readonly shown: string
  readonly origin: Origin
}

const longestShown = 120

/** Reads variables out of an environment and gathers what is wrong with them, so that all of it can be said at once. */
export class Reader {
  readonly problems: Array<Problem> = []
  readonly #read = new Map<string, Reading>()

  /** Name to value; empty values are absent. */
  private readonly environment: ReadonlyMap<string, string>
  /** What the command line gives, by the name of the variable it stands for: stronger than the environment. */
  private readonly given: ReadonlyMap<string, string>

  constructor(environment: ReadonlyMap<string, string>, given: ReadonlyMap<string, string> = new Map()) {
    this.environment = environment
    this.given = given
  }

  /** What was asked for, in that order. */
  get readings(): ReadonlyArray<Reading> {
    return [...this.#read.values()]
  }

  problem(problem: Problem): void {
    this.problems.push(problem)
  }

  /** Whether something is set, sensible or not. */
  isSet({ name, secret }: Variable<unknown>): boolean {
    return this.given.has(name) || this.environment.has(name) || secret && this.environment.has(`${name}_FILE`)
  }

  /** The value, or else the default; `None` where there is neither, or where what is set makes no sense. */
  optional<A>(variable: Variable<A>): Option.Option<A> {
    const raw = this.#raw(variable)
    if (raw === undefined) {
      this.#note(variable, variable.default ?? "", "default")
      return variable.default === undefined ? Option.none() : variable.kind.parse(variable.default)
    }
    const parsed = variable.kind.parse(raw.text)
    this.#note(variable, Option.isSome(parsed) ? shownOf(variable, raw.text) : "(malformed)", raw.origin)
    if (Option.isNone(parsed)) {
      this.problem({
        about: variable.name,
        what: variable.secret ? "is malformed." : `"${raw.text.slice(0, longestShown)}" is malformed.`,
        remedy: `It must be: ${variable.kind.name}.`
      })
    }
    return parsed
  }

  /** For a variable with a default. Where what is set makes no sense the default stands in: the start is refused anyway. */
  get<A>(variable: Variable<A> & { readonly default: string }): A {
    return Option.getOrElse(this.optional(variable), () => Option.getOrThrow(variable.kind.parse(variable.default)))
  }

  /** For a variable that another one, which is set, cannot do without. */
  required<A>(variable: Variable<A>, because: Variable<unknown>): Option.Option<A> {
    if (!this.isSet(variable)) {
      this.problem({
        about: variable.name,
        what: `is not set, but ${because.name} is, which needs it.`,
        remedy: `Set ${variable.name} (${variable.meaning.replace(/\.$/, "")}), or unset ${because.name}.`
      })
    }
    return this.optional(variable)
  }

  /** What is in the file that a variable names. */
  file(variable: Variable<string>): Option.Option<string> {
    return Option.flatMap(
      this.optional(variable),
      (file) => Option.fromUndefinedOr(this.#content(variable.name, file))
    )
  }

  /** For variables that mean nothing without another one that is not set. */
  idle(variables: ReadonlyArray<Variable<unknown>>, without: Variable<unknown>): void {
    for (const variable of variables.filter((variable) => this.isSet(variable))) {
      this.problem({
        about: variable.name,
        what: `is set, but ${without.name} is not, without which it means nothing.`,
        remedy: `Set ${without.name}, or unset ${variable.name}.`
      })
    }
  }

  #raw({ name, secret }: Variable<unknown>): { readonly text: string; readonly origin: Origin } | undefined {
    const given = this.given.get(name)
    if (given !== undefined) return { text: given, origin: "command line" }
    const text = this.environment.get(name)
    const file = secret ? this.environment.get(`${name}_FILE`) : undefined
    if (file === undefined) return text === undefined ? undefined : { text, origin: "environment" }
    if (text !== undefined) {
      this.problem({ about: name, what: `is set, and so is ${name}_FILE.`, remedy: "Unset one of them." })
      return { text, origin: "environment" }
    }
    const content = this.#content(`${name}_FILE`, file)
    return content === undefined ? undefined : { text: content, origin: "file" }
  }

  #content(name: string, file: string): string | undefined {
    try {
      return Fs.readFileSync(file, "utf8").trim()
    } catch (error) {
      this.problem({
        about: name,
        what: `${file} cannot be read (${error instanceof Error && "code" in error ? String(error.code) : "failed"}).`,
        remedy: "Check the path, and that this user may read it."
      })
      return undefined
    }
  }

  #note(variable: Variable<unknown>, shown: string, origin: Origin): void {
    this.#read.set(variable.name, { variable, shown, origin })
  }
}

const shownOf = ({ kind, secret }: Variable<unknown>, text: string): string =>
  kind.show !== undefined ? kind.show(text) : secret ? "(secret)" : text
