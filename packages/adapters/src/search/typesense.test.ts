import { Effect, Layer } from "effect"
import { suite } from "../../../../test/contracts/searchIndex.ts"
import { suite as filters } from "../../../../test/contracts/searchIndexFilters.ts"
import * as TypesenseDouble from "../../../../test/support/typesense/TypesenseDouble.ts"
import * as Typesense from "./typesense.ts"

const onDouble = Layer.unwrap(
  Effect.map(TypesenseDouble.start(), ({ apiKey, url }) => Typesense.layer({ urls: [url], apiKey }))
)

suite("Typesense on the double", onDouble)
filters("Typesense on the double", onDouble)
