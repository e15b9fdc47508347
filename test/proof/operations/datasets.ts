import type { SpaceChangeId } from "@sheaf/domain/ids"
import { Effect } from "effect"
import { acts } from "./acts.ts"
import type { Act, Scenario } from "./Scenario.ts"
import * as Steps from "./steps.ts"

/** A change of a move to another space that nobody works on; `paused` is what it begins with. */
const moving = (change: (changeId: SpaceChangeId) => Act, isPaused = false): Scenario =>
  Effect.fnUntraced(function*(actor) {
    const target = yield* Steps.target(actor)
    const { id: changeId } = yield* actor.hold(acts.DatasetsChangeSpace(target)(actor))
    if (isPaused) yield* pause(changeId)(actor)
    return change(changeId)
  })

const pause = (changeId: SpaceChangeId): Act => ({ call, client, once }) =>
  call(client.SpaceChangesPause({ changeId, ...once("pause space") }))

export const datasets = {
  DatasetsCreate: () =>
    Effect.succeed(({ call, client, once }) => call(client.DatasetsCreate({ name: "made", ...once("create") }))),
  DatasetsUpdate: Effect.fnUntraced(function*(actor) {
    const datasetId = yield* Steps.dataset(actor)
    return ({ call, client, once }) =>
      call(client.DatasetsUpdate({ datasetId, name: "renamed", description: "changed", ...once("update") }))
  }),
  DatasetsChangeSpace: Effect.fnUntraced(function*(actor) {
    return acts.DatasetsChangeSpace(yield* Steps.target(actor))
  }),
  SpaceChangesPause: moving(pause),
  SpaceChangesResume: moving(
    (changeId) => ({ call, client, once }) => call(client.SpaceChangesResume({ changeId, ...once("resume space") })),
    true
  ),
  SpaceChangesCancel: moving((changeId) => ({ call, client, once }) =>
    call(client.SpaceChangesCancel({ changeId, ...once("cancel space") }))
  ),
  /** Only what has failed can be tried again: what is on its way refuses, whoever asks. */
  SpaceChangesRetry: moving((changeId) => ({ call, client, once }) =>
    Effect.ignore(call(client.SpaceChangesRetry({ changeId, ...once("retry space") })))
  ),
  DatasetsDelete: Effect.fnUntraced(function*(actor) {
    const { datasetId } = yield* Steps.published(actor)
    yield* Steps.published(actor, "other", datasetId)
    yield* Steps.published(actor, "bystander", yield* Steps.dataset(actor, "bystander"))
    return ({ call, client, once }) => call(client.DatasetsDelete({ datasetId, ...once("delete") }))
  }),
  DeadLettersRequeue: Effect.fnUntraced(function*(actor) {
    const datasetId = yield* Steps.dataset(actor)
    yield* Steps.upload(actor, datasetId, { name: "broken.pdf", bytes: Steps.unreadable })
    yield* actor.rest
    return ({ call, client, once }) => call(client.DeadLettersRequeue({ datasetId, ...once("requeue") }))
  })
} satisfies Record<string, Scenario>
