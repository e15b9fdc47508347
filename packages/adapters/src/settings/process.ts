import { type Duration, Option, type Redacted } from "effect"
import * as Path from "node:path"
import type { Reader } from "./Reader.ts"
import { choice, duration, type Kind, path, secretText, text, variable, whole } from "./Variable.ts"

/** How a process behaves, whatever it is connected to. */
export interface ProcessSettings {
  /** The data folder: database and blobs of the embedded profile, log, lock, credentials. */
  readonly home: string
  /** How long work that has begun may go on when the process is asked to stop. */
  readonly drain: Duration.Duration
  /** How long a process that starts waits for what does not answer. */
  readonly startWait: Duration.Duration
  /** Processes that read documents. */
  readonly parsers: Option.Option<number>
  /** Port on which a worker answers `/health/live`, `/health/ready` and `/metrics`. */
  readonly healthPort: Option.Option<number>
  readonly healthHost: string
  readonly logFormat: "logfmt" | "json"
  /** The first key of an installation that has none, in place of one that is made up. */
  readonly firstKey: Option.Option<Redacted.Redacted>
}

export const home = {
  ...variable("SHEAF_HOME", path, "The data folder. `--home` is stronger."),
  default: "./.sheaf"
}

const drain = {
  ...variable(
    "SHEAF_DRAIN",
    duration,
    "How long jobs and requests that have begun may go on when `sheaf worker` or `sheaf api` is asked to stop. What is not done then is given back, and another process does it. `sheaf serve` gives everything back at once."
  ),
  default: "20 seconds"
}

const startWait = {
  ...variable(
    "SHEAF_START_WAIT",
    duration,
    "How long `sheaf worker` and `sheaf api` wait at the start for a database, NATS, blob store, search engine or embedder that does not answer: they log what they wait for, try again, and begin when all are there. Then they exit with 1. What answers and refuses ends the start at once."
  ),
  default: "5 minutes"
}

const parsers = variable(
  "SHEAF_PARSERS",
  whole({ min: 1, max: 64 }),
  "Processes that read documents, one document each, for `sheaf worker` and `sheaf serve`. Each may take a core and 1.5 GB. Not set: one a core, two at most.",
  { unit: "processes" }
)

export const healthPort = variable(
  "SHEAF_HEALTH_PORT",
  whole({ min: 0, max: 65_535 }),
  "Port on which `sheaf worker` answers `/health/live`, `/health/ready` and `/metrics`; 0 for any. Not set: none. `--health-port` is stronger."
)

const healthHost = {
  ...variable("SHEAF_HEALTH_HOST", text, "Address of that port. In a container: `0.0.0.0`."),
  default: "127.0.0.1"
}

const logFormat = {
  ...variable(
    "SHEAF_LOG_FORMAT",
    choice(["logfmt", "json"]),
    "How `sheaf api` and `sheaf worker` log, on standard error. `sheaf serve` logs to `sheaf.log` in the data folder."
  ),
  default: "logfmt"
}

const firstSecret: Kind<Redacted.Redacted> = {
  name: "`shf_` and at least 32 letters, digits, hyphens or underscores",
  parse: (text) => /^shf_[A-Za-z0-9_-]{32,200}$/.test(text) ? secretText.parse(text) : Option.none()
}
const firstKey = variable(
  "SHEAF_FIRST_KEY",
  firstSecret,
  "The first key of an installation that has none (scopes admin and operator, tenant `default`). Ignored afterwards. Not set: one is made up and written to `credentials` in the data folder of the process that starts first.",
  { secret: true }
)

export const variables = [home, drain, startWait, parsers, healthPort, healthHost, logFormat, firstKey]

export const read = (reader: Reader): ProcessSettings => ({
  home: Path.resolve(reader.get(home)),
  drain: reader.get(drain),
  startWait: reader.get(startWait),
  parsers: reader.optional(parsers),
  healthPort: reader.optional(healthPort),
  healthHost: reader.get(healthHost),
  logFormat: reader.get(logFormat),
  firstKey: reader.optional(firstKey)
})
