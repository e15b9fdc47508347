import type { Duplex } from "node:stream"
import * as Net from "node:net"

export interface SocketOptions {
  readonly url: URL
  /** Milliseconds without a word in either direction after which the connection is given up; 0: never. */
  readonly silenceMs: number
  /** Milliseconds of silence after which TCP asks whether the other side is still there. */
  readonly keepAliveMs: number
}

/** A server that is frozen, or behind a network that swallows packets, closes nothing and says nothing. */
class Silence extends Error {
  constructor(ms: number) {
    super(`the server has not said a word for ${Math.round(ms / 1_000)} s`)
  }
}

/** Where the URL points to; the parameters `host` (a folder: its Unix socket) and `port` go first, as they do for libpq. */
const addressOf = ({ hostname, port: given, searchParams }: URL): Net.NetConnectOpts => {
  const host = searchParams.get("host") ?? (decodeURIComponent(hostname) || "localhost")
  const port = Number(searchParams.get("port") ?? (given || 5432))
  if (host.startsWith("/")) return { path: `${host}/.s.PGSQL.${port}` }
  return { host: host.replace(/^\[(.*)\]$/, "$1"), port }
}

/**
 * Opens connections that notice a dead server by themselves. Cancelling needs an answer, and so does the end of a transaction, which
 * cannot be interrupted: without this a statement could wait for ever. A connection that nobody uses falls silent too; it is
 * replaced when it is needed.
 */
export const connector = ({ keepAliveMs, silenceMs, url }: SocketOptions) => (): Duplex => {
  const socket = Net.connect({
    ...addressOf(url),
    // A statement is one write, and then a wait for its answer.
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: keepAliveMs
  })
  socket.setTimeout(silenceMs, () => socket.destroy(new Silence(silenceMs)))
  return socket
}
