import { Duplex } from "node:stream"
import type { MessagePort } from "node:worker_threads"

/** From here on moving the memory to the other thread is cheaper than copying it. */
const worthMoving = 64 * 1024

/** Posts bytes over a port. The copy is needed: a Buffer is often a window on memory that others use. */
export const postBytes = (port: MessagePort, bytes: Uint8Array) => {
  const copy = new Uint8Array(bytes)
  port.postMessage(copy, copy.byteLength < worthMoving ? [] : [copy.buffer])
}

/** One end of a message channel as the socket that a database client expects. Closing either end closes both. */
export const portDuplex = (port: MessagePort): Duplex => {
  const duplex = new Duplex({
    read: () => {},
    write: (chunk: Buffer, _encoding, done) => {
      postBytes(port, chunk)
      done()
    },
    destroy: (error, done) => {
      port.close()
      done(error)
    }
  })
  port.on("message", (bytes: Uint8Array) => {
    duplex.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  })
  port.on("close", () => duplex.destroy())
  return duplex
}
