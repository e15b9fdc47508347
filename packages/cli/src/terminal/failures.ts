import { errorFacts } from "@sheaf/domain/errors"
import { Cause, Config, Data, Option, Predicate } from "effect"
import { CliError } from "effect/cli"
import { hints } from "./hints.ts"

/** Exit codes: one table for people and scripts, in the help of `sheaf` and in the documentation. */
export const exitCodes = {
  done: 0,
  unexpected: 1,
  usage: 2,
  notConfigured: 3,
  notAllowed: 4,
  unreachable: 5,
  versionSkew: 6,
  limited: 7,
  someFailed: 8,
  notFound: 9,
  deadline: 124,
  interrupted: 130
} as const

type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** What was asked for makes no sense, in a way that the parser of the command line cannot see. */
export class Misused extends Data.TaggedError("Misused")<{ readonly message: string; readonly hint: string }> {}

/** All that could be done was done; some of it failed, and said so. */
export class SomeFailed extends Data.TaggedError("SomeFailed")<{ readonly message: string; readonly hint: string }> {}

/** Files ended in a way that has no name. */
export class Unforeseen extends Data.TaggedError("Unforeseen")<{ readonly message: string; readonly hint: string }> {}

/** A part of the installation does not work. */
export class Unwell extends Data.TaggedError("Unwell")<{ readonly message: string; readonly hint: string }> {}

/** A part of the all-in-one process did not start. */
export class StartFailed extends Data.TaggedError("StartFailed")<{
  readonly part: string
  readonly detail: string
  readonly hint: string
  /** The last lines of its log. */
  readonly log: ReadonlyArray<string>
}> {
  override get message() {
    const log = this.log.map((line) => `\n  ${line}`).join("")
    return `${this.part} did not start: ${this.detail}${log && `\nLast lines of its log:${log}`}`
  }
}

/** What to say at the end of a run that did not succeed. */
export interface Failure {
  readonly tag: string
  readonly message: string
  readonly hint: string | undefined
  readonly requestId: string | undefined
  readonly exit: ExitCode
}

const ownCodes: Readonly<Record<string, ExitCode>> = {
  Misused: exitCodes.usage,
  SomeFailed: exitCodes.someFailed,
  Unforeseen: exitCodes.unexpected,
  StartFailed: exitCodes.notConfigured,
  BadConfiguration: exitCodes.notConfigured,
  // Nothing to correct: whoever supervises the process starts it again.
  DependencyDown: exitCodes.unexpected,
  Unwell: exitCodes.unexpected,
  MigrationsOwed: exitCodes.unexpected,
  DatabaseNewer: exitCodes.notConfigured,
  ConfigError: exitCodes.notConfigured,
  FolderInUse: exitCodes.notConfigured,
  FolderUnusable: exitCodes.notConfigured,
  NoKey: exitCodes.notConfigured,
  ServersUnusable: exitCodes.notConfigured,
  ServerUnknown: exitCodes.notConfigured,
  Unreachable: exitCodes.unreachable,
  TimedOut: exitCodes.deadline,
  StillRunning: exitCodes.deadline,
  OperationPending: exitCodes.deadline,
  VersionSkew: exitCodes.versionSkew,
  SourceUnreadable: exitCodes.unexpected,
  DatasetNameUnknown: exitCodes.notFound
}

const exitOf = (tag: string): ExitCode =>
  Object.hasOwn(errorFacts, tag)
    ? errorFacts[tag as keyof typeof errorFacts].exit
    : ownCodes[tag] ?? exitCodes.unexpected

/** The failure behind the cause of a run's end; `None` when the parser of the command line has said it all already. */
export const failureOf = (cause: Cause.Cause<unknown>): Option.Option<Failure> => {
  if (Cause.hasInterruptsOnly(cause)) {
    return Option.some({
      tag: "Interrupted",
      message: "stopped",
      hint: undefined,
      requestId: undefined,
      exit: exitCodes.interrupted
    })
  }
  const error = Cause.squash(cause)
  if (CliError.isCliError(error)) return Option.none()
  const failure = describe(error)
  // A mistake of ours: where it happened is what a report of it needs.
  return Option.some(failure.tag === "Unexpected" ? { ...failure, message: Cause.pretty(cause) } : failure)
}

/** Words for any error; those that are typed bring their own. */
export const describe = (error: unknown): Failure => {
  if (error instanceof Config.ConfigError) {
    return {
      tag: "NotConfigured",
      message: error.message,
      hint: "Correct the variable, or unset it for the default.",
      requestId: undefined,
      exit: exitCodes.notConfigured
    }
  }
  const tag = textOf(error, "_tag")
  if (tag === undefined) {
    return {
      tag: "Unexpected",
      message: error instanceof Error ? error.message : String(error),
      hint: "This is a mistake of ours; please report it with the lines above.",
      requestId: undefined,
      exit: exitCodes.unexpected
    }
  }
  return {
    tag,
    message: textOf(error, "message") || tag,
    hint: tag === "BadRequest" && textOf(error, "reason")?.startsWith("Expected a UUID")
      ? "Ids stand in lists, such as `sheaf documents list`; only datasets and tenants go by their names, too."
      : hints[tag] ?? textOf(error, "hint"),
    requestId: textOf(error, "requestId"),
    exit: exitOf(tag)
  }
}

const textOf = (value: unknown, property: string): string | undefined =>
  Predicate.hasProperty(value, property) && Predicate.isString(value[property]) ? value[property] : undefined
