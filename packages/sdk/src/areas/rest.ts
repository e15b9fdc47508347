import { type EventsOptions, type EventsSince, eventsSince } from "../streams/events.ts"
import type { EventCursor } from "@sheaf/domain/ids"
import { Effect } from "effect"
import type { Http } from "../connection/Http.ts"
import { makeAdmin } from "./Admin.ts"
import { makeAnnotations } from "./Annotations.ts"
import { makeApps } from "./Apps.ts"
import { makeAssets } from "./assets.ts"
import { makeConnections } from "./Connections.ts"
import { makeControl } from "./control.ts"
import { makeDetails } from "./documentDetails.ts"
import type { DocumentBasics, Documents } from "./Documents.ts"
import { makeDownload } from "./download.ts"
import { makeDrift } from "./Drift.ts"
import { makeImports } from "./Imports.ts"
import type { Services } from "./ingest.ts"
import { makeLists } from "./lists.ts"
import { makeOperations } from "./Operations.ts"
import { makePipelines } from "./Pipelines.ts"
import { makeSegments } from "./Segments.ts"
import { makeSyncs } from "./Syncs.ts"
import { makeSpaceChanges } from "./SpaceChanges.ts"
import { documentSwitches } from "./visibility.ts"
import { makeNotifications } from "./Notifications.ts"
import { makeWebhooks } from "./Webhooks.ts"

/** The areas that are loaded by their first use. */
export const makeRest = (services: Services & { readonly http: Http }) => {
  const { calls, datasets } = services
  const documents: Omit<Documents, keyof DocumentBasics> = {
    ...makeAssets(services),
    ...makeControl(calls),
    ...makeDetails(services),
    ...documentSwitches(calls),
    ...makeLists(calls, datasets),
    ...makeDownload(services)
  }
  // The second form of the overload gives what the first one does, and snapshots when they are asked for.
  const since = ((cursor?: string, options?: EventsOptions) =>
    eventsSince(
      services,
      cursor as EventCursor | undefined,
      options?.dataset === undefined ? Effect.undefined : datasets.idOf(options.dataset),
      options?.onExpired
    )) as EventsSince
  return {
    ...makeAdmin(calls, datasets),
    connections: makeConnections(calls),
    documents,
    operations: makeOperations(calls, datasets),
    drift: makeDrift(calls),
    imports: makeImports(services),
    pipelines: makePipelines(calls),
    apps: makeApps(calls),
    annotations: makeAnnotations(calls),
    segments: makeSegments(calls),
    spaceChanges: makeSpaceChanges(calls, datasets),
    syncs: makeSyncs(calls, datasets),
    webhooks: makeWebhooks(calls),
    notifications: makeNotifications(calls),
    events: { since }
  }
}

export type Rest = ReturnType<typeof makeRest>
