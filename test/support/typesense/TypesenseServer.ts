import { Config, Effect, Option, type Redacted, Schema } from "effect"
import { randomUUID } from "node:crypto"
import { send } from "./send.ts"

/** The server that TYPESENSE_URL names, whose key must be given as well. */
export const named = Config.option(Config.URL("TYPESENSE_URL")).pipe(
  Config.flatMap(Option.match({
    onNone: () => Config.succeed(Option.none<{ readonly url: URL; readonly apiKey: Redacted.Redacted }>()),
    onSome: (url) => Config.map(Config.Redacted("TYPESENSE_API_KEY"), (apiKey) => Option.some({ url, apiKey }))
  }))
)

const Collections = Schema.fromJsonString(Schema.Array(Schema.Struct({ name: Schema.String })))
const Aliases = Schema.fromJsonString(
  Schema.Struct({ aliases: Schema.Array(Schema.Struct({ name: Schema.String })) })
)

/** A prefix that nobody else uses; what begins with it is removed from the server with the scope. */
export const ownPrefix = Effect.fn("TypesenseServer.ownPrefix")(
  function*(server: { readonly url: URL; readonly apiKey: Redacted.Redacted }) {
    const prefix = `test_${randomUUID().slice(0, 8)}`
    const read = (path: string) => Effect.map(send(server, { method: "GET", path }), ({ text }) => text)
    const removeAll = Effect.gen(function*() {
      const collections = yield* Effect.flatMap(read("/collections"), Schema.decodeEffect(Collections))
      const { aliases } = yield* Effect.flatMap(read("/aliases"), Schema.decodeEffect(Aliases))
      const paths = [
        ...aliases.map(({ name }) => ({ name, path: `/aliases/${name}` })),
        ...collections.map(({ name }) => ({ name, path: `/collections/${name}` }))
      ]
      for (const { name, path } of paths) {
        if (name.startsWith(`${prefix}-`)) yield* send(server, { method: "DELETE", path })
      }
    })
    yield* Effect.addFinalizer(() => Effect.orDie(removeAll))
    return prefix
  }
)
