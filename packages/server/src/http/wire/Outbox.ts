import { Effect } from "effect"
import type { Writer } from "effect/socket/Socket"

/** A message has to stay far below what clients take at once. */
const maxLength = 256 * 1024

/** What leaves over one connection. */
export interface Outbox {
  /** Waits only where a lot has been written at once. */
  readonly send: (text: string) => Effect.Effect<void>
  /** The same for who cannot wait. */
  readonly push: (text: string) => void
}

/**
 * Sends texts that are written in one turn of the event loop as one message: many calls are answered at the same time, and a frame for
 * each answer costs both sides more than the answer. Each text ends with a line's end.
 */
export const makeOutbox = (writer: Writer): Outbox => {
  let waiting = ""
  // A connection that is gone is noticed by whoever reads from it.
  const flush = Effect.suspend(() => {
    const text = waiting
    waiting = ""
    return text === "" ? Effect.void : Effect.ignore(writer.write(text))
  })
  const later = () => void Effect.runFork(flush)
  const add = (text: string): boolean => {
    if (waiting === "") queueMicrotask(later)
    waiting += text
    return waiting.length < maxLength
  }
  return {
    send: (text) => Effect.suspend(() => add(text) ? Effect.void : flush),
    push: (text) => {
      if (!add(text)) later()
    }
  }
}
