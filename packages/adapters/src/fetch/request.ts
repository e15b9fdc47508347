import { Effect } from "effect"
import * as Http from "node:http"
import * as Https from "node:https"
import { rootCertificates } from "node:tls"
import { FetchFailed } from "./errors.ts"
import type { Target } from "./target.ts"

/** Our own words for what can go wrong: those of the system may name inner addresses. */
const words: Record<string, string> = {
  ECONNREFUSED: "the server refused the connection",
  ECONNRESET: "the connection broke off",
  EHOSTUNREACH: "the server cannot be reached",
  ENETUNREACH: "the server cannot be reached",
  ETIMEDOUT: "the server did not answer in time",
  ABORT_ERR: "it took too long"
}

const detailOf = (error: NodeJS.ErrnoException): string => {
  const code = error.code ?? ""
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/.test(code)) return `its certificate is not to be trusted (${code})`
  return words[code] ?? "the server did not answer as a web server does"
}

/** What is sent along; without it, nothing is. */
export interface Sent {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** Asks for a target at its pinned address and answers with the head of the response. Closed by the signal at the latest. */
export const request = (
  { address, url }: Target,
  options: {
    readonly signal: AbortSignal
    readonly idleMs: number
    readonly ca: string | undefined
    readonly sent?: Sent | undefined
  }
): Effect.Effect<Http.IncomingMessage, FetchFailed> =>
  Effect.callback((resume) => {
    const secure = url.protocol === "https:"
    const named = url.hostname.replace(/^\[|\]$/g, "")
    const asked = (secure ? Https : Http).request({
      // The name goes along for the certificate and the server; the connection is made to the address alone.
      host: address,
      ...(secure && named !== address && { servername: named }),
      ...(options.ca !== undefined && { ca: [...rootCertificates, options.ca] }),
      port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
      path: `${url.pathname}${url.search}`,
      method: options.sent === undefined ? "GET" : "POST",
      headers: {
        ...options.sent?.headers,
        host: url.host,
        "user-agent": "Sheaf",
        accept: "*/*",
        "accept-encoding": "identity",
        ...(options.sent !== undefined && { "content-length": options.sent.body.length })
      },
      agent: false,
      signal: options.signal,
      timeout: options.idleMs
    })
    asked.on("timeout", () => asked.destroy(Object.assign(new Error("idle"), { code: "ETIMEDOUT" })))
    asked.on("response", (response) => {
      // A response that nobody reads to its end breaks off when the connection is closed.
      response.on("error", () => {})
      resume(Effect.succeed(response))
    })
    // Stays for errors that come after the response: those its reader is told of.
    asked.on("error", (error) => resume(new FetchFailed({ detail: detailOf(error), isRetryable: true })))
    // Another protocol was never asked for, and its connection would be ours to close.
    asked.on("upgrade", (_response, socket) => {
      socket.destroy()
      resume(new FetchFailed({ detail: "the server wants to speak another protocol", isRetryable: false }))
    })
    // The last that is ever heard: without effect where there was an answer or an error before it.
    asked.on("close", () => resume(new FetchFailed({ detail: "the connection broke off", isRetryable: true })))
    asked.end(options.sent?.body)
    return Effect.sync(() => asked.destroy())
  })
