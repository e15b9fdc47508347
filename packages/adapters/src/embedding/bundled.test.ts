import { suite } from "../../../../test/contracts/embedder.ts"
import * as Bundled from "./bundled.ts"

suite("bundled", Bundled.layer({ threads: 1 }))
