import { Effect, Option, Queue, Redacted } from "effect"
import * as Program from "../../test/support/processes/program.ts"
import * as TypesenseServer from "../../test/support/typesense/TypesenseServer.ts"

export interface TypesenseOptions {
  readonly url: URL
  readonly apiKey: Redacted.Redacted
  readonly collectionPrefix: string
}

/**
 * The server that TYPESENSE_URL names, with a prefix that is removed with the scope; where none is named, the double of the tests as a process of
 * its own.
 */
export const start = Effect.fn("typesense.start")(function*() {
  const named = yield* TypesenseServer.named
  const server = Option.isSome(named) ? named.value : yield* double
  const options: TypesenseOptions = { ...server, collectionPrefix: yield* TypesenseServer.ownPrefix(server) }
  return { ...options, isDouble: Option.isNone(named) }
})

const double = Effect.gen(function*() {
  const { lines } = yield* Program.start("typesense.ts", [])
  const url = yield* Effect.orDie(Queue.take(lines))
  return { url: new URL(url), apiKey: Redacted.make("double") }
})
