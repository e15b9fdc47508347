import type { AnnotationId, AppId } from "@sheaf/domain/ids"
import { Effect } from "effect"
import type { Actor } from "../world/Actor.ts"
import type { Act, Scenario } from "./Scenario.ts"

const makeApp = ({ call, client, once }: Actor) => call(client.AppsCreate({ name: "help", ...once("app") }))

const annotate = (question: string, appId: AppId) => ({ call, client, once }: Actor) =>
  call(client.AnnotationsCreate({ appId, question, answer: "To the left.", ...once(question) }))

/** What is done with an app that has two questions. */
const having = (act: (app: { readonly appId: AppId; readonly annotationId: AnnotationId }) => Act): Scenario =>
  Effect.fnUntraced(function*(actor) {
    const { id: appId } = yield* makeApp(actor)
    const { annotation } = yield* annotate("Where is the anchor?", appId)(actor)
    yield* annotate("Where is the sail?", appId)(actor)
    return act({ appId, annotationId: annotation.id })
  })

export const annotations = {
  AppsCreate: () => Effect.succeed(makeApp),
  AppsUpdate: having(({ appId }) => ({ call, client, once }) =>
    call(client.AppsUpdate({ appId, name: "support", ...once("update") }))
  ),
  AppsSetReply: having(({ appId }) => ({ call, client, once }) =>
    call(client.AppsSetReply({ appId, enabled: true, ...once("reply") }))
  ),
  AppsArchive: having(({ appId }) => ({ call, client, once }) =>
    call(client.AppsArchive({ appId, ...once("archive") }))
  ),
  AppsUnarchive: having(({ appId }) => ({ call, client, once }) =>
    Effect.andThen(
      call(client.AppsArchive({ appId, ...once("archive") })),
      call(client.AppsUnarchive({ appId, ...once("unarchive") }))
    )
  ),
  AppsDelete: having(({ appId }) => ({ call, client, once }) => call(client.AppsDelete({ appId, ...once("delete") }))),
  AnnotationsCreate: having(({ appId }) => annotate("Where is the mast?", appId)),
  AnnotationsUpdate: having(({ annotationId }) => ({ call, client, once }) =>
    call(client.AnnotationsUpdate({ annotationId, question: "Where is the keel?", ...once("change") }))
  ),
  AnnotationsDelete: having(({ annotationId, appId }) => ({ call, client, once }) =>
    call(client.AnnotationsDelete({ appId, annotationIds: [annotationId], ...once("delete one") }))
  )
} satisfies Record<string, Scenario>
