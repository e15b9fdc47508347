import { Layer } from "effect"
import { suite } from "../../../../test/contracts/searchIndex.ts"
import { suite as filters } from "../../../../test/contracts/searchIndexFilters.ts"
import * as Database from "../../../../test/support/Database.ts"
import * as Pgvector from "./pgvector.ts"

const layer = Layer.provide(Pgvector.layer, Database.pgliteLayer)

suite("pgvector on PGlite", layer)
filters("pgvector on PGlite", layer)
