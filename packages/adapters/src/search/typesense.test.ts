import { Effect, Layer, Option } from "effect"
import { suite } from "../../../../test/contracts/searchIndex.ts"
import { suite as filters } from "../../../../test/contracts/searchIndexFilters.ts"
import * as TypesenseDouble from "../../../../test/support/typesense/TypesenseDouble.ts"
import * as TypesenseServer from "../../../../test/support/typesense/TypesenseServer.ts"
import * as Typesense from "./typesense.ts"

const onDouble = Layer.unwrap(
  Effect.map(TypesenseDouble.start(), ({ apiKey, url }) => Typesense.layer({ urls: [url], apiKey }))
)

suite("Typesense on the double", onDouble)
filters("Typesense on the double", onDouble)

/** A server of one's own; where it is named it must answer. */
const server = Effect.runSync(TypesenseServer.named)

if (Option.isSome(server)) {
  const { apiKey, url } = server.value
  const onServer = Layer.unwrap(
    Effect.map(
      TypesenseServer.ownPrefix(server.value),
      (collectionPrefix) => Typesense.layer({ urls: [url], apiKey, collectionPrefix })
    )
  )
  suite("Typesense on a real server", onServer)
  filters("Typesense on a real server", onServer)
}
