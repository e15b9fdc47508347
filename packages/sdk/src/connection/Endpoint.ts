import { Context, Duration, Effect, Layer, Redacted } from "effect"
import type { ClientOptions } from "../options.ts"

/** Where the server is and how this client behaves towards it: the options, with everything filled in. */
export class Endpoint extends Context.Service<Endpoint, {
  /** Without a slash at its end. */
  readonly url: string
  readonly socketUrl: string
  /** Goes with every request. */
  readonly headers: Record<string, string>
  /** Goes inside every message: a browser cannot set headers on a WebSocket. */
  readonly messageHeaders: Record<string, string>
  readonly timeout: Duration.Duration
  readonly connectTimeout: Duration.Duration
  readonly retries: number
  readonly fetch: typeof globalThis.fetch
  readonly onEvent: NonNullable<ClientOptions["onEvent"]>
  readonly allowBrowser: boolean
  readonly onBehalfOf: ClientOptions["onBehalfOf"]
}>()("@sheaf/sdk/connection/Endpoint") {
  static readonly layer = (options: ClientOptions) => Layer.effect(Endpoint, Effect.sync(() => make(options)))
}

const make = (options: ClientOptions): Endpoint["Service"] => {
  const url = baseUrl(options.url ?? "http://127.0.0.1:7420")
  const key = Redacted.isRedacted(options.key) ? Redacted.value(options.key) : options.key
  const headers: Record<string, string> = key !== undefined && key !== "" ? { authorization: `Bearer ${key}` } : {}
  return {
    url,
    socketUrl: `${url.replace(/^http/, "ws")}/rpc`,
    headers,
    messageHeaders: { ...headers, "sheaf-client": client },
    timeout: Duration.fromInputUnsafe(options.timeout ?? "30 seconds"),
    connectTimeout: Duration.fromInputUnsafe(options.connectTimeout ?? "10 seconds"),
    retries: options.retries ?? 2,
    fetch: options.fetch ?? ((...args) => globalThis.fetch(...args)),
    onEvent: options.onEvent ?? (() => {}),
    allowBrowser: options.allowBrowser ?? false,
    onBehalfOf: options.onBehalfOf
  }
}

const client = "sdk-ts/0.1.0 api/1"

/** `ws://host:1/rpc`, `http://host:1/` and `host:1` all mean the same server. */
const baseUrl = (url: string | URL): string => {
  const text = String(url).trim()
  const full = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`
  return full.replace(/^ws/i, "http").replace(/\/(rpc\/?)?$/, "")
}
