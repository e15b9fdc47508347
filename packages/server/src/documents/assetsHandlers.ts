import { AssetsRpcs } from "@sheaf/domain/documents/AssetsRpcs"
import { Authentication } from "@sheaf/domain/edge/middleware"
import { Effect } from "effect"
import { withCaller } from "../edge/withCaller.ts"
import { Assets } from "./Assets.ts"

const group = AssetsRpcs.middleware(Authentication)

export const layer = group.toLayer(Effect.gen(function*() {
  const assets = yield* Assets
  return group.of({ AssetsList: withCaller(assets.list) })
}))
