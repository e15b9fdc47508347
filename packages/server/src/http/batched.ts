import type { Socket } from "node:net"

/**
 * Sends what is written to a connection in one turn of the event loop as one piece: many calls are answered at the same time, and a
 * system call for each answer costs more than the answer. Nothing waits longer than for what has come in already to be looked at.
 */
export const batched = (socket: Socket): void => {
  let waits = false
  const cork = socket.cork.bind(socket)
  const flush = () => {
    waits = false
    socket.uncork()
  }
  // Whoever writes several pieces begins with `cork`, and so does every frame of a WebSocket. Corks count: ours is taken off last.
  socket.cork = () => {
    if (!waits) {
      waits = true
      cork()
      setImmediate(flush)
    }
    cork()
  }
}
