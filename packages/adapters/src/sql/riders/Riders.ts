import { PgProtocol } from "@effect/sql-pg"
import { Result } from "effect"

/** What became of a statement that rides with another. */
type Fate = "waiting" | "sent" | "done" | "failed"

export interface Rider {
  readonly fate: () => Fate
  /** It is not needed any more: does nothing once it is sent. */
  readonly withdraw: () => void
}

/**
 * Statements without parameters and rows that travel with a statement of the driver, in one message and without a way of their own: `BEGIN`
 * and `SAVEPOINT` in front, `COMMIT` behind. They share its `Sync`, so the server leaves out whatever follows one that fails, and the
 * failure is that of the driver's statement. The driver hears of nothing else.
 */
export interface Riders {
  /** The statement that begins a transaction goes in front of the next one. Where it fails, nothing is sent any more until `free`. */
  readonly begin: (statement: string) => Rider
  /** Goes in front of the next statement, after those that wait already. */
  readonly ahead: (statement: string) => Rider
  /** `COMMIT` goes behind the next statement. Nothing is sent after it until `free`, whatever comes of it. */
  readonly commit: () => Rider
  /** The transaction is over: what waits is forgotten. */
  readonly free: () => void
}

/** A session as riders see it. */
interface Line {
  /** What leaves for the server, in place of what the driver sends. */
  readonly outgoing: (frame: Uint8Array) => Uint8Array
  /** Whether a message of the server concerns the driver. */
  readonly incoming: (message: PgProtocol.BackendMessage) => boolean
}

class Passenger implements Rider {
  readonly statement: string
  /** What it may end: without it, statements would be transactions of their own. */
  readonly endsWhen: ReadonlyArray<Fate>
  state: Fate = "waiting"
  withdrawn = false
  constructor(statement: string, endsWhen: ReadonlyArray<Fate> = []) {
    this.statement = statement
    this.endsWhen = endsWhen
  }
  readonly fate = () => this.state
  readonly withdraw = () => {
    this.withdrawn = true
  }
}

const execute = PgProtocol.encodeExecute({ portal: "", maxRows: 0 })
const sync = PgProtocol.encodeSync()
const bind = Result.getOrThrow(PgProtocol.encodeBind({ portal: "", statement: "", parameters: [] }))

const frames = new Map<string, Uint8Array>()

/** A statement as it is sent, without `Sync`. There are few: those that control transactions. */
const frameOf = ({ statement }: Passenger): Uint8Array => {
  const known = frames.get(statement)
  if (known !== undefined) return known
  const parse = Result.getOrThrow(PgProtocol.encodeParse({ name: "", query: statement, parameterTypes: [] }))
  const frame = Buffer.concat([parse, bind, execute])
  if (frames.size < 100) frames.set(statement, frame)
  return frame
}

const endsWithSync = (frame: Uint8Array) =>
  frame.length > sync.length && sync.every((byte, at) => frame[frame.length - sync.length + at] === byte)

/** Riders of one session, on which statements are made one after the other. */
export const makeRiders = (): Riders & Line => {
  let front: Array<Passenger> = []
  let behind: Passenger | undefined
  /** Of the statement that is under way: riders whose answer is still to come, and whether its own has come. */
  let expected: Array<Passenger> = []
  let last: Passenger | undefined
  let phase: "none" | "front" | "own" | "behind" | "over" = "none"
  let isShut = false

  const settle = (rider: Passenger, fate: Fate) => {
    rider.state = fate
    isShut ||= rider.endsWhen.includes(fate)
  }

  const fail = () => {
    for (const rider of expected) settle(rider, "failed")
    // Left out, where it is not what has failed: then the transaction is still there.
    if (last !== undefined && phase !== "behind") last.state = "failed"
    else if (last !== undefined) settle(last, "failed")
    expected = []
    last = undefined
    phase = "over"
  }

  const outgoing = (frame: Uint8Array): Uint8Array => {
    if (isShut) throw new Error("a statement of a transaction that has ended")
    expected = front.filter(({ withdrawn }) => !withdrawn)
    last = behind?.withdrawn === true ? undefined : behind
    front = []
    behind = undefined
    if (expected.length === 0 && last === undefined) {
      phase = "none"
      return frame
    }
    // Nothing leaves without the transaction that it belongs to.
    if (!endsWithSync(frame)) throw new Error("a statement of the driver does not end with Sync")
    phase = expected.length > 0 ? "front" : "own"
    const parts = expected.map(frameOf)
    for (const rider of expected) rider.state = "sent"
    if (last === undefined) return Buffer.concat([...parts, frame])
    last.state = "sent"
    return Buffer.concat([...parts, frame.subarray(0, frame.length - sync.length), frameOf(last), sync])
  }

  /** The answer to a statement is complete. */
  const completed = (tag: string): boolean => {
    switch (phase) {
      case "front":
        settle(expected.shift()!, "done")
        if (expected.length === 0) phase = "own"
        return false
      case "behind":
        // COMMIT of a transaction in which something has failed is answered by ROLLBACK.
        settle(last!, tag === "COMMIT" ? "done" : "failed")
        last = undefined
        phase = "over"
        return false
      default:
        phase = last === undefined ? "over" : "behind"
        return true
    }
  }

  const incoming = (message: PgProtocol.BackendMessage): boolean => {
    if (phase === "none") return true
    switch (message._tag) {
      case "ParseComplete":
      case "BindComplete":
        return phase !== "front" && phase !== "behind"
      case "CommandComplete":
        return completed(message.commandTag)
      case "EmptyQueryResponse":
        return completed("")
      case "ErrorResponse":
        fail()
        return true
      case "ReadyForQuery":
        phase = "none"
        return true
      default:
        return true
    }
  }

  const wait = (rider: Passenger) => {
    front.push(rider)
    return rider
  }

  return {
    begin: (statement) => wait(new Passenger(statement, ["failed"])),
    ahead: (statement) => wait(new Passenger(statement)),
    commit: () => (behind = new Passenger("COMMIT", ["done", "failed"])),
    free: () => {
      front = []
      behind = undefined
      isShut = false
    },
    outgoing,
    incoming
  }
}
