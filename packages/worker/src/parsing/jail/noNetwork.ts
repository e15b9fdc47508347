import dgram from "node:dgram"
import dns from "node:dns"
import { syncBuiltinESMExports } from "node:module"
import net from "node:net"

// Loaded before anything else in every process of a jail: takes the network out of Node. Parsers are libraries that read what strangers
// have written, and some would fetch what a file names. A namespace without a network does the same from outside, where there is one.
// Everything else that Node can do over a network (http, https, http2, tls, fetch, WebSocket) is built on what is taken away here.

const refuse = (what: string) => () => {
  throw Object.assign(new Error(`${what}: there is no network for parsers`), { code: "ERR_ACCESS_DENIED" })
}

const deny = (name: string, target: object, keys: ReadonlyArray<string>) => {
  for (const key of keys) {
    Object.defineProperty(target, key, { configurable: false, writable: false, value: refuse(`${name}.${key}`) })
  }
}

const functionsOf = (target: object): ReadonlyArray<string> =>
  Object.entries(Object.getOwnPropertyDescriptors(target)).flatMap(([key, { value }]) =>
    typeof value === "function" && key !== "constructor" && key !== "Resolver" ? [key] : []
  )

// Pipes to our owner are sockets too: what is taken away is to connect and to listen, whoever wants to.
deny("net", net.Socket.prototype, ["connect"])
deny("net", net.Server.prototype, ["listen"])
deny("net", net, ["connect", "createConnection", "createServer"])
deny("dgram", dgram.Socket.prototype, ["bind", "connect", "send"])
deny("dgram", dgram, ["createSocket"])
for (const part of [dns, dns.Resolver.prototype, dns.promises, dns.promises.Resolver.prototype]) {
  deny("dns", part, functionsOf(part))
}
for (const name of ["fetch", "WebSocket", "EventSource"]) deny("globalThis", globalThis, [name])
syncBuiltinESMExports()
