import type { AppId, ImportId } from "@sheaf/domain/ids"
import { AppsRepo } from "@sheaf/adapters/repos/annotations/AppsRepo"
import { ImportFiles } from "@sheaf/server/imports/ImportFiles"
import { Effect, Stream } from "effect"
import type { Actor } from "../world/Actor.ts"
import { Refused } from "../world/Actor.ts"
import type { Scenario } from "./Scenario.ts"

/** Rows of which one is bad and two are the same, more of them than one batch takes. */
const file = Buffer.from(
  [
    "question,answer",
    ...Array.from({ length: 230 }, (_, at) => `Where is anchor ${at % 220}?,At watch ${at}.`),
    "Where is the sail?,"
  ].join("\n")
)

const makeApp = ({ life, remember, tenant }: Actor) =>
  remember(
    "app",
    life.inside(Effect.gen(function*() {
      const apps = yield* AppsRepo
      const made = yield* apps.insert(tenant.caller, { name: "answers", description: "", threshold: 0.8 })
      return yield* Effect.orDie(Effect.fromOption(made))
    }))
  )

const create = ({ call, client, once }: Actor, appId: AppId) =>
  call(client.ImportsCreate({
    target: { appId },
    name: "answers.csv",
    size: file.length,
    ifExists: "overwrite",
    ...once("import")
  }))

/** Sends the file from where it stands, in two pieces, as a client does that may have been cut off. */
const send = ({ life, tenant }: Actor, importId: ImportId) =>
  life.inside(Effect.gen(function*() {
    const files = yield* ImportFiles
    const half = Math.ceil(file.length / 2)
    for (;;) {
      const { isComplete, offset } = yield* files.standing(tenant.caller, importId)
      if (isComplete) return
      const end = offset < half ? half : file.length
      yield* files.receive(tenant.caller, {
        importId,
        offset,
        length: end - offset,
        isLast: end === file.length,
        bytes: Stream.succeed(file.subarray(offset, end))
      })
    }
  })).pipe(
    Effect.mapError((error) => new Refused({ tag: error._tag, message: String(error) })),
    Effect.annotateLogs({ stage: "Import" })
  )

export const imports = {
  ImportsCreate: Effect.fnUntraced(function*(actor) {
    const appId = yield* makeApp(actor)
    return (actor) => Effect.flatMap(create(actor, appId), ({ id }) => send(actor, id))
  }),
  ImportsCancel: Effect.fnUntraced(function*(actor) {
    const { id: importId } = yield* create(actor, yield* makeApp(actor))
    yield* actor.remember("sent", actor.hold(send(actor, importId)))
    return ({ call, client, once }) => call(client.ImportsCancel({ importId, ...once("cancel") }))
  })
} satisfies Record<string, Scenario>
