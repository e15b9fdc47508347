import { Effect } from "effect"
import * as Steps from "../operations/steps.ts"
import type { Actor, Refused } from "../world/Actor.ts"
import * as Stage from "../world/Stage.ts"
import { live, type Model, type ModelDocument, publish, rested } from "./Model.ts"
import type { Step } from "./Step.ts"

/** A trial under way: the tenants, and what there should be of them. */
export interface Trial {
  readonly stage: Stage.Stage
  readonly actors: ReadonlyArray<() => Actor>
  readonly model: Model
  /** What the cutter makes of each body. */
  readonly cut: ReadonlyArray<ReadonlyArray<string>>
}

/** What the model says of a call that was answered, or refused. */
type Taken = Effect.Effect<void, Refused>

/** Takes a step in the system, and in the model if the system has taken it. */
export const take = (trial: Trial, step: Step, at: number): Effect.Effect<void> => {
  switch (step.do) {
    case "ingest":
      return Effect.ignore(ingest(trial, step, at))
    case "deleteDataset":
      return Effect.ignore(deleteDataset(trial, step, at))
    case "crash":
      return crash(trial)
    case "rest":
      return rest(trial)
    case "editSegment":
    case "addSegment":
    case "deleteSegment":
    case "disableSegment":
    case "enableSegment":
      return chosen(trial, step, (document) => Effect.ignore(onSegment(trial, step, document, at)))
    default:
      return chosen(trial, step, (document) => Effect.ignore(onDocument(trial, step, document, at)))
  }
}

const chosen = (
  { model }: Trial,
  { at }: { readonly at: number },
  use: (document: ModelDocument) => Effect.Effect<void>
) => {
  const documents = live(model)
  return documents.length === 0 ? Effect.void : use(documents[at % documents.length]!)
}

export const rest = ({ actors, cut, model }: Trial) =>
  Effect.forEach(actors, (actor) => Effect.suspend(() => actor().rest), { discard: true }).pipe(
    Effect.andThen(Effect.sync(() => rested(model, cut)))
  )

const crash = Effect.fnUntraced(function*({ stage }: Trial) {
  stage.life.script.die("a step")
  const dead = yield* Stage.restart(stage)
  yield* dead.bury
})

const ingest = Effect.fnUntraced(function*(
  { actors, model }: Trial,
  { body, dataset, tenant }: Extract<Step, { readonly do: "ingest" }>,
  at: number
) {
  const into = model.datasets[tenant]![dataset]!
  if (into.deleted) return
  const name = `step-${at}`
  const id = yield* Steps.ingest(actors[tenant]!(), into.id, name, bodyOf(body), "new")
  model.documents.push({
    tenant,
    dataset,
    id,
    body,
    name: `${name}.md`,
    kind: undefined,
    enabled: true,
    archived: false,
    deleted: false,
    paused: false,
    cancelled: false,
    segments: undefined
  })
})

export const bodyOf = (body: number) => Steps.text(`body${body}`, body + 2)

const deleteDataset = Effect.fnUntraced(function*(
  { actors, model }: Trial,
  { dataset, tenant }: Extract<Step, { readonly do: "deleteDataset" }>,
  at: number
) {
  const { call, client, once } = actors[tenant]!()
  const gone = model.datasets[tenant]![dataset]!
  yield* call(client.DatasetsDelete({ datasetId: gone.id, ...once(`step ${at}`) }))
  gone.deleted = true
  for (const document of model.documents) {
    if (document.tenant === tenant && document.dataset === dataset) document.deleted = true
  }
})

type OnDocument = Extract<Step, { readonly at: number }>["do"]

const onDocument = (trial: Trial, step: Step, document: ModelDocument, at: number): Taken => {
  const { call, client, once } = trial.actors[document.tenant]!()
  const { id: documentId } = document
  const payload = { documentId, ...once(`step ${at}`) }
  const then = (effect: Effect.Effect<unknown, Refused>, change: () => void): Taken =>
    Effect.andThen(effect, Effect.sync(change))
  switch (step.do as OnDocument) {
    case "rename":
      return then(call(client.DocumentsRename({ ...payload, name: `renamed-${at}.md` })), () => {
        document.name = `renamed-${at}.md`
      })
    case "metadata":
      return then(call(client.DocumentsSetMetadata({ ...payload, metadata: { kind: `k${at}` } })), () => {
        document.kind = `k${at}`
      })
    case "retry":
      // A run begins only where none is at work: so the one before has ended.
      return then(call(client.DocumentsRetry(payload)), () => {
        if (!document.cancelled) publish(document, trial.cut)
        document.cancelled = false
      })
    case "cancel":
      return then(call(client.DocumentsCancel(payload)), () => {
        document.paused = false
        document.cancelled = document.segments === undefined
      })
    case "pause":
      return then(call(client.DocumentsPause(payload)), () => {
        document.paused = true
      })
    case "resume":
      return then(call(client.DocumentsResume(payload)), () => {
        document.paused = false
      })
    case "prioritise":
      return then(call(client.DocumentsPrioritise({ ...payload, lane: "bulk" })), () => {})
    case "enable":
      return then(call(client.DocumentsEnable(payload)), () => {
        document.enabled = true
      })
    case "disable":
      return then(call(client.DocumentsDisable(payload)), () => {
        document.enabled = false
      })
    case "archive":
      return then(call(client.DocumentsArchive(payload)), () => {
        document.archived = true
      })
    case "unarchive":
      return then(call(client.DocumentsUnarchive(payload)), () => {
        document.archived = false
      })
    case "delete":
      return then(call(client.DocumentsDelete(payload)), () => {
        document.deleted = true
      })
    default:
      return Effect.die(new Error(`${step.do} is no step of a document`))
  }
}

/** Segments are changed by hand once there are some, also while another version of them is being built. */
const onSegment = Effect.fnUntraced(function*(
  { actors, model }: Trial,
  step: Extract<Step, { readonly segment: number }>,
  document: ModelDocument,
  at: number
) {
  const { segments } = document
  if (segments === undefined || segments.length === 0) return
  const { call, client, once } = actors[document.tenant]!()
  const { id: documentId } = document
  const { items } = yield* call(client.SegmentsList({ documentId, limit: 100 }))
  const place = step.segment % segments.length
  const wanted = segments[place]!
  const found = items.find(({ text }) => text === wanted.text)
  // What is missing is found out when the states are compared.
  if (found === undefined) return
  const payload = { documentId, ...once(`step ${at}`) }
  const one = { ...payload, segmentIds: [found.id] }
  const text = `Written by hand, text ${++model.serial}, about a watch of ${at}.`
  switch (step.do) {
    case "editSegment":
      yield* call(client.SegmentsEdit({ ...payload, segmentId: found.id, text }))
      wanted.text = text
      return
    case "addSegment":
      yield* call(client.SegmentsAdd({ ...payload, after: found.id, text }))
      segments.splice(place + 1, 0, { text, enabled: true })
      return
    case "deleteSegment":
      yield* call(client.SegmentsDelete(one))
      segments.splice(place, 1)
      return
    case "disableSegment":
      yield* call(client.SegmentsDisable(one))
      wanted.enabled = false
      return
    case "enableSegment":
      yield* call(client.SegmentsEnable(one))
      wanted.enabled = true
  }
})
