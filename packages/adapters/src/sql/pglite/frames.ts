/** What a client sent, cut where the server must act: the PostgreSQL wire protocol, version 3, frontend side. */
export type Request =
  /** Messages up to one that asks for an answer. `settled`: the server returns to its idle loop after it. */
  | { readonly _tag: "Batch"; readonly bytes: Uint8Array; readonly settled: boolean }
  | { readonly _tag: "EncryptionRequest" }
  | { readonly _tag: "CancelRequest" }
  | { readonly _tag: "Terminate" }

const sslRequest = 80_877_103
const gssRequest = 80_877_104
const cancelRequest = 80_877_102

const terminate = 0x58 // X
const sync = 0x53 // S
const flush = 0x48 // H
const query = 0x51 // Q
const functionCall = 0x46 // F

/** What a client may say once it is logged in. Anything else would end the session, which others share. */
const known = new Set(Buffer.from("BCDEFHPQSXcdf", "latin1"))

/** Larger than any message PostgreSQL takes (1 GB): a length beyond it means that the stream is out of step. */
const longestMessage = 0x4000_0000

/** Cuts one connection's byte stream into requests. Throws when the bytes are not the protocol. */
export const makeFramer = (): (chunk: Uint8Array) => Array<Request> => {
  let rest: Uint8Array = new Uint8Array(0)
  let started = false

  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const requests: Array<Request> = []
    let start = 0
    let end = 0

    /** End of the message whose length field lies at `at`, or undefined while it is incomplete. */
    const messageEnd = (at: number): number | undefined => {
      if (bytes.length < at + 4) return undefined
      const length = view.getInt32(at)
      if (length < 4 || length > longestMessage) throw new Error(`A message of ${length} bytes: not the protocol`)
      return bytes.length < at + length ? undefined : at + length
    }
    const batch = (settled: boolean) => {
      requests.push({ _tag: "Batch", bytes: bytes.subarray(start, end), settled })
      start = end
    }

    for (;;) {
      const next = messageEnd(started ? end + 1 : end)
      if (next === undefined) break
      const at = end
      end = next
      if (!started) {
        const code = end - at < 8 ? 0 : view.getInt32(at + 4)
        if (code === cancelRequest) requests.push({ _tag: "CancelRequest" })
        else if (code === sslRequest || code === gssRequest) requests.push({ _tag: "EncryptionRequest" })
        else {
          started = true
          batch(true)
        }
        start = end
        continue
      }
      const type = bytes[at]!
      if (!known.has(type)) throw new Error(`A message of type ${type}: not the protocol`)
      if (type === terminate) {
        requests.push({ _tag: "Terminate" })
        start = end
      } else if (type === sync || type === query || type === functionCall) batch(true)
      else if (type === flush) batch(false)
    }
    rest = bytes.subarray(start)
    return requests
  }
}
