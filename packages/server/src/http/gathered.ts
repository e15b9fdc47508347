import { Effect } from "effect"
import * as Socket from "effect/socket/Socket"

/**
 * Sends texts that are written in one turn of the event loop as one message: many calls are answered at the same time, and a frame for
 * each answer costs both sides more than the answer. The serialization that is used puts a line's end behind each.
 */
export const gathered = (socket: Socket.Socket): Socket.Socket =>
  Socket.make({ reader: socket.reader, writer: Effect.map(socket.writer, gather) })

/** A message has to stay far below what clients take at once. */
const maxLength = 256 * 1024

const gather = (writer: Socket.Writer): Socket.Writer => {
  let waiting = ""
  const flush = Effect.suspend(() => {
    const text = waiting
    waiting = ""
    return text === "" ? Effect.void : writer.write(text)
  })
  // A connection that is gone is noticed by whoever reads from it.
  const later = () => Effect.runFork(Effect.ignore(flush))
  const write: Socket.Writer["write"] = (chunk) => {
    if (typeof chunk !== "string") return Effect.andThen(flush, writer.write(chunk))
    return Effect.suspend(() => {
      if (waiting === "") queueMicrotask(later)
      waiting += chunk
      return waiting.length < maxLength ? Effect.void : flush
    })
  }
  return {
    write,
    writeAll: (chunks) => Effect.forEach(chunks, write, { discard: true })
  }
}
