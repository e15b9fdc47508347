import { Option, type Redacted } from "effect"
import type * as Smtp from "../notify/smtp.ts"
import type { Reader } from "./Reader.ts"
import { choice, type Kind, secretText, text, variable, whole } from "./Variable.ts"

/** How people are told. */
export type MailSettings =
  /** What would be sent is in the log. */
  | { readonly _tag: "Log" }
  | { readonly _tag: "Smtp"; readonly options: Smtp.Options }

const sender: Kind<string> = {
  name: "address, like `sheaf@example.com` or `Sheaf <sheaf@example.com>`",
  parse: (given) =>
    /^([^<>@\r\n]+<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/.test(given) ? Option.some(given) : Option.none()
}

const host = variable(
  "SHEAF_SMTP_HOST",
  text,
  "A mail server. Not set: mails are not sent; the log says what they would say."
)
const port = {
  ...variable("SHEAF_SMTP_PORT", whole({ min: 1, max: 65_535 }), "Its port."),
  default: "587"
}
const security = {
  ...variable(
    "SHEAF_SMTP_SECURITY",
    choice(["starttls", "tls", "none"]),
    "`starttls`: encrypted after the greeting, or nothing is sent. `tls`: from the first byte, usually on port 465. `none`: for a server on the same machine."
  ),
  default: "starttls"
}
const user = variable("SHEAF_SMTP_USER", text, "Whom to log in as, where the server wants that.")
const password = variable("SHEAF_SMTP_PASSWORD", secretText, "The password to it.", { secret: true })
const from = variable("SHEAF_SMTP_FROM", sender, "Whom mails are from")

export const variables = [host, port, security, user, password, from]

const login = (reader: Reader) => {
  const name = reader.optional(user)
  if (Option.isNone(name)) {
    reader.idle([password], user)
    return undefined
  }
  const secret: Option.Option<Redacted.Redacted> = reader.required(password, user)
  return Option.getOrUndefined(Option.map(secret, (password) => ({ user: name.value, password })))
}

export const read = (reader: Reader): MailSettings => {
  const server = reader.optional(host)
  if (Option.isNone(server)) {
    reader.idle([port, security, user, password, from], host)
    return { _tag: "Log" }
  }
  const sender = reader.required(from, host)
  const options = {
    host: server.value,
    port: reader.get(port),
    security: reader.get(security),
    login: login(reader)
  }
  return Option.match(sender, {
    onNone: () => ({ _tag: "Log" }),
    onSome: (from) => ({ _tag: "Smtp", options: { ...options, from } })
  })
}
