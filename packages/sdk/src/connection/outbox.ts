/** Characters that may wait for others; the server takes messages of some MiB. */
const maxGathered = 65_536

export interface Outbox {
  /** Sends a line. Nothing is sent any more once the connection is lost. */
  readonly send: (line: string) => void
  readonly close: () => void
}

/** Sends what is written in one turn of the event loop as one message: each costs more than the call that it carries. */
export const makeOutbox = (socket: WebSocket): Outbox => {
  let open = true
  let waiting = ""
  const flush = () => {
    const text = waiting
    waiting = ""
    if (open && text !== "") socket.send(text)
  }
  return {
    send: (line) => {
      if (!open) return
      if (waiting === "") queueMicrotask(flush)
      waiting += `${line}\n`
      if (waiting.length > maxGathered) flush()
    },
    close: () => {
      open = false
    }
  }
}
