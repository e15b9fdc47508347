import { Duration, Option } from "effect"
import type { Reader } from "./Reader.ts"
import { duration, type Kind, variable, yesOrNo } from "./Variable.ts"

/** How a worker looks after the installation. */
export interface UpkeepSettings {
  /** How often each tenant is looked through for what is out of step. */
  readonly lookEvery: Duration.Duration
  /** Whether such a look puts right what it finds. */
  readonly mends: boolean
  /** How long bytes that belong to nobody are left alone. */
  readonly grace: Duration.Duration
  /** How long it is known who changed what. */
  readonly auditKept: Duration.Duration
}

const atLeast = (least: Duration.Duration): Kind<Duration.Duration> => ({
  name: `${duration.name}, of at least ${Duration.format(least)}`,
  parse: (text) => Option.filter(duration.parse(text), (given) => Duration.isGreaterThanOrEqualTo(given, least))
})

const lookEvery = {
  ...variable(
    "SHEAF_DRIFT_EVERY",
    atLeast(Duration.minutes(1)),
    "How often a worker looks through all that a tenant has for what is out of step: rows, index, blobs, counters, owed work. `sheaf doctor --look` does it at once."
  ),
  default: "1 hour"
}

const mends = {
  ...variable(
    "SHEAF_DRIFT_REPAIR",
    yesOrNo,
    "Whether such a look puts right what it finds. `sheaf doctor --repair` does in any case."
  ),
  default: "true"
}

const grace = {
  ...variable(
    "SHEAF_OWNERLESS_KEPT",
    atLeast(Duration.hours(1)),
    "How long blobs that belong to no document and no upload are left alone after they were last written. Bytes come before the row that says whose they are, so this must be longer than the slowest client takes to send one document."
  ),
  default: "24 hours"
}

const auditKept = {
  ...variable("SHEAF_AUDIT_KEPT", atLeast(Duration.days(1)), "How long the audit log keeps who changed what."),
  default: "400 days"
}

export const variables = [lookEvery, mends, grace, auditKept]

export const read = (reader: Reader): UpkeepSettings => ({
  lookEvery: reader.get(lookEvery),
  mends: reader.get(mends),
  grace: reader.get(grace),
  auditKept: reader.get(auditKept)
})
