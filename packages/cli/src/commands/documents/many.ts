import type { DocumentStatus } from "@sheaf/domain/documents/status"
import type { BulkAction } from "@sheaf/domain/operations/BulkAction"
import type { Operation } from "@sheaf/domain/operations/Operation"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect, Option, Stream } from "effect"
import { Misused, SomeFailed } from "../../terminal/failures.ts"
import { Output } from "../../terminal/Output.ts"
import { printable } from "../../terminal/style.ts"
import { count } from "../../terminal/words.ts"

interface Which {
  readonly ids: ReadonlyArray<string>
  readonly dataset: Option.Option<string>
  readonly status: ReadonlyArray<DocumentStatus>
  readonly name: Option.Option<string>
  readonly background: boolean
}

/** Does the same to the documents that the command line names. Of one document the call itself says what is wrong. */
export const toMany = Effect.fnUntraced(function*<A, E>(
  { background, dataset, ids, name, status }: Which,
  action: BulkAction,
  toOne: (documentId: string) => Effect.Effect<A, E>
) {
  const output = yield* Output
  const sheaf = yield* Sheaf
  const isFiltered = status.length > 0 || Option.isSome(name)
  if (ids.length > 0 && (Option.isSome(dataset) || isFiltered)) {
    return yield* new Misused({ message: "Ids and a filter are given.", hint: "Name ids, or a --dataset to look in." })
  }
  if (ids.length === 0 && Option.isNone(dataset)) {
    return yield* new Misused({ message: "No document is named.", hint: "Name ids, or pass --dataset." })
  }
  const [only, ...others] = ids
  if (only !== undefined && others.length === 0) {
    const answer = yield* toOne(only)
    return yield* output.result({ items: [answer] }, () => only)
  }
  const filter = { ...(status.length > 0 && { status }), ...(Option.isSome(name) && { name: name.value }) }
  const begun = yield* sheaf.operations.begin(
    action,
    Option.isSome(dataset) ? { dataset: dataset.value, filter } : { documents: ids }
  )
  if (background) {
    yield* output.result(begun, () => begun.id)
    return yield* output.note(
      `It goes on without this program: \`sheaf operations get ${begun.id}\` says how it stands.`
    )
  }
  return yield* printOutcome(yield* sheaf.operations.finished(begun.id))
})

/** How an operation ended, with its problems. */
export const printOutcome = Effect.fnUntraced(function*(operation: Operation) {
  const output = yield* Output
  yield* output.result(operation, () => wordsOf(operation))
  yield* printProblems(operation)
})

/** Every document that an operation could not do something to; that there are some is a failure of the command. */
export const printProblems = Effect.fnUntraced(function*(operation: Operation) {
  const output = yield* Output
  const sheaf = yield* Sheaf
  yield* Stream.runForEach(
    sheaf.operations.everyItem(operation.id, { state: ["skipped", "failed"] }).pipe(Stream.take(named)),
    ({ documentId, error, state }) => output.note(`${documentId} ${state}: ${printable(error?.message ?? "")}`)
  )
  if (operation.failed > 0) {
    return yield* new SomeFailed({
      message: `${count(operation.failed, "document")} of ${operation.total} failed.`,
      hint: `\`sheaf operations items ${operation.id} --state failed\` names every one.`
    })
  }
})

/** Documents that are named when it is over; the rest can be listed. */
const named = 10

export const wordsOf = ({ done, failed, skipped, state, total }: Operation): string =>
  `${state}: ${done} of ${total} done${skipped === 0 ? "" : `, ${skipped} skipped`}${
    failed === 0 ? "" : `, ${failed} failed`
  }`
