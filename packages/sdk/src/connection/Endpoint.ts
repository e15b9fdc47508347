import { apiVersion } from "@sheaf/domain/apiVersion"
import { onBehalfOfHeader } from "@sheaf/domain/edge/onBehalfOf"
import { Duration, Redacted } from "effect"
import type { ClientOptions } from "../options.ts"
import { version } from "../version.ts"

/** Where the server is and how this client behaves towards it: the options, with everything filled in. */
export interface Endpoint {
  /** Without a slash at its end. */
  readonly url: string
  readonly socketUrl: string
  /** Goes with every request. */
  readonly headers: Record<string, string>
  /** Goes inside every message: a browser cannot set headers on a WebSocket. */
  readonly messageHeaders: ReadonlyArray<[string, string]>
  readonly timeoutMs: number
  readonly connectTimeoutMs: number
  readonly retries: number
  readonly fetch: typeof globalThis.fetch
  readonly onEvent: NonNullable<ClientOptions["onEvent"]>
  readonly allowBrowser: boolean
  readonly onBehalfOf: ClientOptions["onBehalfOf"]
}

export const makeEndpoint = (options: ClientOptions): Endpoint => {
  const url = baseUrl(options.url ?? "http://127.0.0.1:7420")
  const key = Redacted.isRedacted(options.key) ? Redacted.value(options.key) : options.key
  const headers: Record<string, string> = {
    ...(key !== undefined && key !== "" && { authorization: `Bearer ${key}` }),
    ...(options.onBehalfOf && { [onBehalfOfHeader]: encodeURIComponent(JSON.stringify(options.onBehalfOf)) })
  }
  return {
    url,
    socketUrl: `${url.replace(/^http/, "ws")}/rpc`,
    headers,
    messageHeaders: Object.entries({ ...headers, "sheaf-client": client }),
    timeoutMs: millis(options.timeout ?? 30_000),
    connectTimeoutMs: millis(options.connectTimeout ?? 10_000),
    retries: options.retries ?? 2,
    fetch: options.fetch ?? ((...args) => globalThis.fetch(...args)),
    onEvent: options.onEvent ?? (() => {}),
    allowBrowser: options.allowBrowser ?? false,
    onBehalfOf: options.onBehalfOf
  }
}

export const millis = (duration: Duration.Input): number => Duration.toMillis(Duration.fromInputUnsafe(duration))

const client = `sdk-ts/${version} api/${apiVersion}`

/** `ws://host:1/rpc`, `http://host:1/` and `host:1` all mean the same server. */
const baseUrl = (url: string | URL): string => {
  const text = String(url).trim()
  const full = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`
  return full.replace(/^ws/i, "http").replace(/\/(rpc\/?)?$/, "")
}
