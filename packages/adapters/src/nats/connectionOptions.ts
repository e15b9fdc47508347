import {
  type Authenticator,
  credsAuthenticator,
  type NodeConnectionOptions,
  tokenAuthenticator,
  usernamePasswordAuthenticator
} from "@nats-io/transport-node"
import { Duration, Effect, Redacted } from "effect"
import { NatsUnusable } from "./errors.ts"
import type { Credentials, Options } from "./NatsConnection.ts"

const schemes = new Set(["nats:", "tls:"])
const defaultPort = "4222"
const prefixPattern = /^[a-z][a-z0-9-]{0,31}$/

interface Address {
  readonly host: string
  readonly secure: boolean
  readonly user: string
  readonly password: string
}

/** Host and port are all that may be shown of a server's URL. */
const addressOf = (server: string): Address | undefined => {
  const url = URL.parse(server.includes("://") ? server : `nats://${server}`)
  if (url === null || !schemes.has(url.protocol) || url.hostname === "") return undefined
  const host = `${url.hostname}:${url.port || defaultPort}`
  const secure = url.protocol === "tls:"
  try {
    return { host, secure, user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) }
  } catch {
    return undefined
  }
}

const authenticator = (credentials: Credentials): Authenticator => {
  switch (credentials._tag) {
    case "UserPassword":
      return usernamePasswordAuthenticator(credentials.user, Redacted.value(credentials.password))
    case "Token":
      return tokenAuthenticator(Redacted.value(credentials.token))
    case "Creds":
      return credsAuthenticator(new TextEncoder().encode(Redacted.value(credentials.creds)))
  }
}

/** A user name alone in a URL is a token, as in other clients. */
const fromUrl = ({ password, user }: Address): Credentials | undefined =>
  user === ""
    ? undefined
    : password === ""
    ? { _tag: "Token", token: Redacted.make(user) }
    : { _tag: "UserPassword", user, password: Redacted.make(password) }

/** Checks the options, and says them as the client wants to hear them. */
export const connectionOptions = Effect.fnUntraced(function*(options: Options) {
  const addresses = options.servers.map(addressOf)
  const hosts = addresses.map((address) => address?.host ?? "(a malformed URL)").join(", ") || "(no server)"
  const prefix = options.prefix ?? "sheaf"
  const refuse = (reason: string) => new NatsUnusable({ servers: hosts, reason })
  const known = addresses.filter((address) => address !== undefined)
  if (known.length === 0 || known.length < addresses.length) {
    return yield* refuse("the URL of a server has the form nats://host:port or tls://host:port")
  }
  if (!prefixPattern.test(prefix)) {
    return yield* refuse(`the prefix of its subjects must match ${prefixPattern.source}, and "${prefix}" does not`)
  }
  const credentials = options.credentials ?? known.map(fromUrl).find((found) => found !== undefined)
  const auth = credentials === undefined ? undefined : yield* Effect.try({
    try: () => authenticator(credentials),
    // What the parser of credentials has to say may quote them.
    catch: () => refuse("the credentials are malformed")
  })
  const secure = options.tls !== undefined || known.some((address) => address.secure)
  const dial: NodeConnectionOptions = {
    servers: known.map((address) => address.host),
    ...(auth === undefined ? {} : { authenticator: auth }),
    ...(secure ? { tls: options.tls ?? {} } : {}),
    name: options.name ?? "sheaf",
    timeout: Duration.toMillis(options.connectTimeout ?? Duration.seconds(5)),
    maxReconnectAttempts: -1,
    // A password may be changed under a running process and back: it is wrong for as long as it is wrong.
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: 200,
    reconnectJitter: 200,
    reconnectJitterTLS: 200,
    // A connection whose other end is gone without a word is given up after two unanswered pings.
    pingInterval: 5_000,
    maxPingOut: 2
  }
  return { dial, hosts, prefix }
})
