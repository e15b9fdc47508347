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
const parse = 0x50 // P
const bind = 0x42 // B
const describe = 0x44 // D
const close = 0x43 // C, and
const statement = 0x53 // S: a statement and not a portal

/** What a client may say once it is logged in. Anything else would end the session, which others share. */
const known = new Set(Buffer.from("BCDEFHPQSXcdf", "latin1"))

/** Larger than any message PostgreSQL takes (1 GB): a length beyond it means that the stream is out of step. */
const longestMessage = 0x4000_0000

/** Where the name of the prepared statement lies in a message that has one. */
const nameAt = (message: Uint8Array): number | undefined => {
  switch (message[0]) {
    case parse:
      return 5
    case bind:
      return message.indexOf(0, 5) + 1
    case describe:
    case close:
      return message[5] === statement ? 6 : undefined
    default:
      return undefined
  }
}

/** The message with `prefix` put before the name at `at`. */
const insert = (message: Uint8Array, at: number, prefix: Uint8Array): Uint8Array => {
  const renamed = Buffer.concat([message.subarray(0, at), prefix, message.subarray(at)])
  renamed.writeInt32BE(renamed.length - 1, 1)
  return renamed
}

/** A whole batch that closes a prepared statement by its full name. */
export const closeStatement = (name: string): Uint8Array => {
  const body = Buffer.from(`S${name}\0`, "latin1")
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length + 4)
  return Buffer.concat([Buffer.from("C", "latin1"), length, body, Buffer.from("S\0\0\0\x04", "latin1")])
}

/**
 * Cuts one connection's byte stream into requests. Prepared statements get `prefix` before their names, so that connections
 * which share a session do not meet; `prepared` holds the names of those that exist. Throws when the bytes are not the protocol.
 */
export const makeFramer = (prefix: string) => {
  const prefixBytes = Buffer.from(prefix, "latin1")
  const prepared = new Set<string>()
  let rest: Uint8Array = new Uint8Array(0)
  let started = false

  /** Gives the statement its full name, and keeps account of it. */
  const rename = (message: Uint8Array): Uint8Array => {
    const at = nameAt(message)
    // Without a name it is the statement of this one batch.
    if (at === undefined || message[at] === 0) return message
    const name = prefix + Buffer.from(message.subarray(at, message.indexOf(0, at))).toString("latin1")
    if (message[0] === parse) prepared.add(name)
    else if (message[0] === close) prepared.delete(name)
    return insert(message, at, prefixBytes)
  }

  const cut = (chunk: Uint8Array): Array<Request> => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const requests: Array<Request> = []
    let batch: Array<Uint8Array> = []
    let start = 0
    let end = 0

    /** End of the message whose length field lies at `at`, or undefined while it is incomplete. */
    const messageEnd = (at: number): number | undefined => {
      if (bytes.length < at + 4) return undefined
      const length = view.getInt32(at)
      if (length < 4 || length > longestMessage) throw new Error(`A message of ${length} bytes: not the protocol`)
      return bytes.length < at + length ? undefined : at + length
    }
    const finish = (request: Request) => {
      requests.push(request)
      batch = []
      start = end
    }
    const ask = (settled: boolean) =>
      finish({ _tag: "Batch", bytes: batch.length === 1 ? batch[0]! : Buffer.concat(batch), settled })

    for (;;) {
      const next = messageEnd(started ? end + 1 : end)
      if (next === undefined) break
      const message = bytes.subarray(end, next)
      const code = !started && message.length >= 8 ? view.getInt32(end + 4) : undefined
      end = next
      if (!started) {
        if (code === cancelRequest) finish({ _tag: "CancelRequest" })
        else if (code === sslRequest || code === gssRequest) finish({ _tag: "EncryptionRequest" })
        else {
          started = true
          batch.push(message)
          ask(true)
        }
        continue
      }
      const type = message[0]!
      if (!known.has(type)) throw new Error(`A message of type ${type}: not the protocol`)
      if (type === terminate) {
        finish({ _tag: "Terminate" })
        continue
      }
      batch.push(rename(message))
      if (type === sync || type === query || type === functionCall) ask(true)
      else if (type === flush) ask(false)
    }
    rest = bytes.subarray(start)
    return requests
  }
  return { cut, prepared }
}
