import { explain } from "../documents/FailureCause.ts"
import type { EventBody } from "../events/Event.ts"
import { explainSpaceChange } from "../spaces/SpaceChange.ts"
import { type EventKind, kindOf } from "./kinds.ts"

type Of<Tag extends EventBody["_tag"]> = Extract<EventBody, { readonly _tag: Tag }>

/** How work came to its end. */
const ended = { finished: "over", failed: "given up", cancelled: "cancelled" } as const

/**
 * The events that people are mailed of, and how a line of a mail says each, or that there is nothing to say; `name` is that of the document, where there is one. An event
 * without a line here is told to webhooks alone: whoever wants it mailed writes one.
 */
const lines: { readonly [Tag in EventBody["_tag"]]?: (body: Of<Tag>, name: string) => string | undefined } = {
  DocumentPublished: ({ pages, segments }, name) => `${name} is published: ${pages} pages, ${segments} segments.`,
  DocumentFailed: ({ cause }, name) => `${name} failed. ${explain(cause).message}`,
  OperationFinished: ({ action, done, failed, skipped, state, total }) =>
    `${action} of ${total} documents is ${ended[state]}: ${done} done, ${skipped} skipped, ${failed} failed.`,
  ImportFinished: ({ created, failed, overwritten, skipped, state, total }) =>
    `An import of ${total} rows is ${
      ended[state]
    }: ${created} created, ${overwritten} overwritten, ${skipped} skipped, ${failed} failed.`,
  SyncFinished: ({ counts, state, total, trigger }) =>
    // A schedule that finds everything as it was has nothing to tell.
    trigger === "schedule" && state === "finished" && counts.unchanged === total ?
      undefined :
      `A sync of ${total} items is ${ended[state]}${
        Object.entries(counts).map(([result, count], at) => `${at === 0 ? ": " : ", "}${count} ${result}`).join("")
      }.`,
  ConnectionRevoked: ({ name, reason }) => `The connection ${name} does not work any more. ${reason} Connect it again.`,
  SpaceChangeFailed: ({ cause }) => `The move of a dataset to another space stands still. ${explainSpaceChange(cause)}`,
  WebhookDisabled: ({ reason, webhookId }) =>
    `Webhook ${webhookId} is disabled: ${reason === "gone" ? "its receiver is gone" : "nothing gets through to it"}.`
}

/** The kinds of these events: what a subscription is to that names none. */
export const mailedKinds: ReadonlyArray<EventKind> = (Object.keys(lines) as ReadonlyArray<EventBody["_tag"]>).map((
  _tag
) => kindOf({ _tag }))

/** What a mail says of an event; nothing for one that nobody is mailed of. */
export const lineOf = (body: EventBody, name: string): string | undefined => {
  // By the tag of the body, so it takes that body.
  const line = lines[body._tag] as ((body: EventBody, name: string) => string | undefined) | undefined
  return line?.(body, name)
}
