import { Effect } from "effect"
import { isIP } from "node:net"
import { isPublic } from "./addresses.ts"
import { FetchFailed, UrlRefused } from "./errors.ts"

/** A URL and the one address that it is fetched from: what was checked is what is connected to. */
export interface Target {
  readonly url: URL
  readonly address: string
}

export interface Rules {
  readonly isAllowed: (address: string) => boolean
  readonly resolve: (host: string) => Promise<ReadonlyArray<string>>
}

const refuse = (detail: string) => new UrlRefused({ detail })

/** Ports below this one are those of mail, shells and the like; of them only the web's own are open. */
const firstFreePort = 1_024
const webPorts = new Set(["", "80", "443"])

/** The parser writes hosts in one way: `0x7f.1` and `2130706433` are `127.0.0.1` from here on. */
const parse = Effect.fnUntraced(function*(text: string, from: URL | undefined) {
  const url = URL.parse(text, from?.href)
  if (url === null) return yield* refuse("it is not a URL")
  if (url.protocol !== "https:" && url.protocol !== "http:") return yield* refuse("only http and https are fetched")
  if (url.username !== "" || url.password !== "") return yield* refuse("it holds a user name or password")
  if (!webPorts.has(url.port) && Number(url.port) < firstFreePort) return yield* refuse(`port ${url.port} is not open`)
  if (from?.protocol === "https:" && url.protocol === "http:") return yield* refuse("it leads from https to http")
  return url
})

const hostOf = (url: URL) => url.hostname.replace(/^\[|\]$/g, "")

const outside = (host: string) => refuse(`${host} is not in the public internet`)

/** What a host is as far as its name says it: most names say nothing, and are checked when they are connected to. */
const addressOf = (host: string): string | undefined =>
  isIP(host) !== 0 ? host : /(^|\.)localhost\.?$/.test(host) ? "127.0.0.1" : undefined

/**
 * Refuses what is never called, without asking anybody. What is sent there is nobody else's business: so without `isPlainAllowed` it has to be
 * https, but for inner addresses that are allowed as such.
 */
export const checkText = Effect.fnUntraced(
  function*(isAllowed: Rules["isAllowed"], isPlainAllowed: boolean, text: string) {
    const url = yield* parse(text, undefined)
    const address = addressOf(hostOf(url))
    if (address !== undefined && !isAllowed(address)) return yield* outside(hostOf(url))
    const isInner = address !== undefined && !isPublic(address)
    if (url.protocol === "http:" && !isPlainAllowed && !isInner) return yield* refuse("it has to be https")
  }
)

/**
 * Checks a URL, or where one leads to. All addresses of its host must be allowed, lest a host with a good and a bad one gets through
 * by trying often enough.
 */
export const targetOf = Effect.fnUntraced(function*(rules: Rules, text: string, from?: URL) {
  const url = yield* parse(text, from)
  const host = hostOf(url)
  const addresses = isIP(host) !== 0
    ? [host]
    : yield* Effect.tryPromise({
      try: () => rules.resolve(host),
      catch: () => new FetchFailed({ detail: `the name ${host} could not be resolved`, isRetryable: true })
    })
  const [address] = addresses
  if (address === undefined || !addresses.every(rules.isAllowed)) {
    return yield* outside(host)
  }
  return { url, address } satisfies Target
})
