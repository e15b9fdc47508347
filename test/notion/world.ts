import * as Notion from "@sheaf/adapters/notion/notion"
import type { NotionAccess } from "@sheaf/adapters/notion/NotionApi"
import { NotionApi } from "@sheaf/adapters/notion/NotionApi"
import { NotionEndpoint } from "@sheaf/adapters/notion/NotionEndpoint"
import { newId } from "@sheaf/adapters/repos/newId"
import { LeasesRepo } from "@sheaf/adapters/repos/jobs/LeasesRepo"
import { ConnectionId } from "@sheaf/domain/ids"
import { Effect, Layer } from "effect"
import * as NotionDouble from "../support/notion/NotionDouble.ts"

/** Nobody else is there to hold a lease. */
export const alone = Layer.succeed(
  LeasesRepo,
  LeasesRepo.of({ hold: () => Effect.succeed(true), releaseAll: () => Effect.void, releaseOthers: () => Effect.void })
)

/** A double, and a reader of it that loses no time. */
export const world = Effect.fnUntraced(
  function*(
    given: { readonly pageSize?: number; readonly access?: Partial<NotionAccess> } = {}
  ) {
    const double = yield* NotionDouble.start(given.pageSize === undefined ? {} : { pageSize: given.pageSize })
    const endpoint = {
      url: double.url,
      timeout: "500 millis",
      firstDelay: "10 millis",
      callsPerSecond: 10_000
    } as const
    const api = yield* Effect.provide(NotionApi, Layer.provide(Layer.fresh(Notion.layer), alone)).pipe(
      Effect.provideService(NotionEndpoint, endpoint)
    )
    const connectionId = yield* newId(ConnectionId)
    const reader = api.reader({ token: double.token, connectionId, ...given.access })
    return { ...double, reader, api, connectionId }
  }
)
