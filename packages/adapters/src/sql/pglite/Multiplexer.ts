import { closeStatement, makeFramer, type Request } from "./frames.ts"

/** The one PostgreSQL session there is. `exec` runs messages to their end before it returns the answer. */
export interface Session {
  readonly exec: (messages: Uint8Array) => Uint8Array
  readonly inTransaction: () => boolean
}

/** Where the answers of one logical connection go. */
export interface Peer {
  readonly send: (bytes: Uint8Array) => void
  readonly close: () => void
}

export interface Connection {
  readonly receive: (bytes: Uint8Array) => void
  /** The client is gone: its queued requests are dropped and its open transaction is rolled back. */
  readonly close: () => void
}

interface Waiting {
  readonly connection: Connection
  readonly peer: Peer
  readonly bytes: Uint8Array
  readonly settled: boolean
}

/** Sync ends whatever was half said (after an error the server ignores all else), then `ROLLBACK` as a plain query. */
const rollback = Buffer.from("S\0\0\0\x04Q\0\0\0\x0DROLLBACK\0", "latin1")

const noEncryption = Buffer.from("N", "latin1")

/**
 * Lets several logical connections share one session. Requests run whole and one at a time; from the first message of a
 * transaction to its end the session belongs to the connection that opened it, and the others wait. A connection that
 * sits idle in its transaction for `patience` milliseconds while others wait is rolled back and closed.
 */
export const makeMultiplexer = (session: Session, patience: number) => {
  const waiting: Array<Waiting> = []
  /** Prepared statements of connections that are gone. */
  const leftovers: Array<string> = []
  let count = 0
  let owner: Waiting | undefined
  let running = false
  let impatience: NodeJS.Timeout | undefined

  const forget = (connection: Connection) => {
    for (let index = waiting.length - 1; index >= 0; index--) {
      if (waiting[index]!.connection === connection) waiting.splice(index, 1)
    }
    if (owner?.connection !== connection) return
    owner = undefined
    session.exec(rollback)
  }

  const evict = (holder: Waiting) => {
    forget(holder.connection)
    holder.peer.close()
  }

  const take = (): Waiting | undefined => {
    const index = owner === undefined ? 0 : waiting.findIndex((item) => item.connection === owner?.connection)
    return index < 0 ? undefined : waiting.splice(index, 1)[0]
  }

  const run = (next: Waiting) => {
    owner = next
    try {
      const answer = session.exec(next.bytes)
      if (next.settled && !session.inTransaction()) owner = undefined
      next.peer.send(answer)
    } catch {
      evict(next)
    }
  }

  const pump = () => {
    if (running) return
    running = true
    clearTimeout(impatience)
    try {
      for (let next = take(); next !== undefined; next = take()) run(next)
      if (owner === undefined) { for (const name of leftovers.splice(0)) session.exec(closeStatement(name)) }
    } finally {
      running = false
    }
    if (owner === undefined || waiting.length === 0) return
    const holder = owner
    impatience = setTimeout(() => {
      evict(holder)
      pump()
    }, patience)
  }

  const connect = (peer: Peer): Connection => {
    const framer = makeFramer(`${count++}_`)
    let closed = false

    const close = () => {
      if (closed) return
      closed = true
      forget(connection)
      peer.close()
      leftovers.push(...framer.prepared)
      pump()
    }
    const handle = (request: Request) => {
      if (closed) return
      switch (request._tag) {
        case "Batch":
          waiting.push({ connection, peer, bytes: request.bytes, settled: request.settled })
          return pump()
        case "EncryptionRequest":
          return peer.send(noEncryption)
        // The session cannot be interrupted. Closing at once spares the client its wait for an answer.
        case "CancelRequest":
        case "Terminate":
          return close()
      }
    }
    const connection: Connection = {
      receive: (bytes) => {
        if (closed) return
        try {
          for (const request of framer.cut(bytes)) handle(request)
        } catch {
          close()
        }
      },
      close
    }
    return connection
  }

  return { connect }
}
