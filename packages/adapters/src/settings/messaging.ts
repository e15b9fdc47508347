import { Option, Redacted } from "effect"
import type { Credentials } from "../nats/NatsConnection.ts"
import { databaseUrl } from "./database.ts"
import type { Reader } from "./Reader.ts"
import { type Kind, listOf, path, secretText, text, url, variable, whole, yesOrNo } from "./Variable.ts"

/** How processes hear of each other's work. What they hear may be lost: the rows say what is owed. */
export type MessagingSettings =
  /** Within this process; others are found by looking, once a second. */
  | { readonly _tag: "InProcess" }
  | {
    readonly _tag: "Nats"
    readonly servers: ReadonlyArray<string>
    readonly credentials: Option.Option<Credentials>
    readonly tls: { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string } | undefined
    readonly prefix: string
    /** Copies of the streams, in a cluster. */
    readonly replicas: number
    /** How other services speak to us over NATS; `undefined` where they do not. */
    readonly services: { readonly concurrency: number } | undefined
  }

export const natsUrl = variable(
  "NATS_URL",
  listOf(url(["nats:", "tls:"], "host:4222")),
  "NATS servers of one cluster (nats-server 2.9 or newer, with JetStream), through which processes hear of work, progress and cancellation at once. Needs DATABASE_URL.",
  { secret: true }
)
const user = variable("NATS_USER", text, "User name at the NATS servers.")
const password = variable("NATS_PASSWORD", secretText, "Password of NATS_USER.", { secret: true })
const token = variable("NATS_TOKEN", secretText, "Token, in place of user and password.", { secret: true })
const creds = variable("NATS_CREDS", path, "Path of a `.creds` file, in place of user and password.")
const caFile = variable("NATS_CA", path, "PEM file of the authority that signed the NATS servers' certificates.")
const certFile = variable("NATS_CERT", path, "PEM file of this client's certificate.")
const keyFile = variable("NATS_KEY", path, "PEM file of the key of NATS_CERT.")

const subjectToken: Kind<string> = {
  name: "lower-case letters, digits and hyphens, beginning with a letter",
  parse: (text) => /^[a-z][a-z0-9-]{0,31}$/.test(text) ? Option.some(text) : Option.none()
}
const prefix = {
  ...variable(
    "SHEAF_NATS_PREFIX",
    subjectToken,
    "First word of all subjects and streams, so that several installations can share a server."
  ),
  default: "sheaf"
}

const replicas = {
  ...variable("SHEAF_NATS_REPLICAS", whole({ min: 1, max: 5 }), "Copies of each stream in a cluster of NATS servers."),
  default: "1"
}
const services = {
  ...variable(
    "SHEAF_NATS_INTERFACE",
    yesOrNo,
    "Whether workers take ingest events of other services from NATS, and publish outcomes there (docs/nats.md)."
  ),
  default: "true"
}
const ingestConcurrency = {
  ...variable(
    "SHEAF_NATS_INGEST_CONCURRENCY",
    whole({ min: 1, max: 256 }),
    "Ingest events that one worker works on at the same time."
  ),
  default: "16"
}
const dependent = [
  user,
  password,
  token,
  creds,
  caFile,
  certFile,
  keyFile,
  prefix,
  replicas,
  services,
  ingestConcurrency
]
export const variables = [natsUrl, ...dependent]

export const read = (reader: Reader): MessagingSettings => {
  const servers = reader.optional(natsUrl)
  if (!reader.isSet(natsUrl)) {
    reader.idle(dependent, natsUrl)
    return { _tag: "InProcess" }
  }
  if (!reader.isSet(databaseUrl)) {
    reader.problem({
      about: natsUrl.name,
      what:
        `is set, but ${databaseUrl.name} is not: the embedded database belongs to one process, which has nobody to talk to.`,
      remedy: `Set ${databaseUrl.name}, or unset ${natsUrl.name}.`
    })
  }
  if (reader.isSet(certFile) !== reader.isSet(keyFile)) {
    const [there, missing] = reader.isSet(certFile) ? [certFile, keyFile] : [keyFile, certFile]
    reader.required(missing, there)
  }
  const tls = {
    ...fileOf(reader, caFile, "caFile"),
    ...fileOf(reader, certFile, "certFile"),
    ...fileOf(reader, keyFile, "keyFile")
  }
  const settings = {
    credentials: credentialsOf(reader),
    tls: Object.keys(tls).length === 0 ? undefined : tls,
    prefix: reader.get(prefix),
    replicas: reader.get(replicas),
    services: reader.get(services)
      ? { concurrency: reader.get(ingestConcurrency) }
      : undefined
  }
  return Option.match(servers, {
    onNone: () => ({ _tag: "InProcess" }),
    onSome: (servers) => ({ _tag: "Nats", servers, ...settings })
  })
}

const fileOf = (reader: Reader, variable: typeof caFile, field: string) =>
  Option.match(reader.optional(variable), { onNone: () => ({}), onSome: (file) => ({ [field]: file }) })

const credentialsOf = (reader: Reader): Option.Option<Credentials> => {
  const ways = [user, token, creds].filter((variable) => reader.isSet(variable))
  if (ways.length > 1) {
    reader.problem({
      about: ways.map(({ name }) => name).join(", "),
      what: "are set together, but are different ways to say the same.",
      remedy: "Keep the one that the NATS server expects."
    })
  }
  if (reader.isSet(password)) reader.required(user, password)
  if (reader.isSet(creds)) {
    const file = reader.file(creds)
    return Option.map(file, (text): Credentials => ({ _tag: "Creds", creds: Redacted.make(text) }))
  }
  if (reader.isSet(token)) {
    return Option.map(reader.optional(token), (token): Credentials => ({ _tag: "Token", token }))
  }
  if (!reader.isSet(user)) return Option.none()
  return Option.map(
    Option.all([reader.optional(user), reader.required(password, user)]),
    ([user, password]): Credentials => ({ _tag: "UserPassword", user, password })
  )
}
