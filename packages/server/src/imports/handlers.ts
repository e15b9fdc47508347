import { Authentication } from "@sheaf/domain/edge/middleware"
import { ImportsRpcs } from "@sheaf/domain/imports/ImportsRpcs"
import { Effect } from "effect"
import { withCaller } from "../edge/withCaller.ts"
import { Imports } from "./Imports.ts"

const group = ImportsRpcs.middleware(Authentication)

export const layer = group.toLayer(Effect.gen(function*() {
  const imports = yield* Imports
  return group.of({
    ImportsCreate: withCaller(imports.create),
    ImportsGet: withCaller(imports.get),
    ImportsList: withCaller(imports.list),
    ImportsRows: withCaller(imports.rows),
    ImportsCancel: withCaller(imports.cancel)
  })
}))
