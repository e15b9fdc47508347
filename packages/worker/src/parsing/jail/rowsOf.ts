import { Effect, Option, type Scope, Stream } from "effect"
import type { FilePart, RowsWish } from "../rows/FilePart.ts"
import type { ParseRejected } from "./ParserJail.ts"
import type { JailReply, JailRequest } from "./protocol.ts"
import type { Talks } from "./talk.ts"

type Asked = Omit<Extract<JailRequest, { readonly op: "rows" }>, "op" | keyof RowsWish>

/** Rows of a file as they are asked for. */
export const rowsOf =
  ({ begin, receive }: Talks<JailRequest, JailReply>) =>
  (request: Asked, { fields, reading }: RowsWish): Stream.Stream<FilePart, ParseRejected> => {
    const talk: Effect.Effect<Effect.Success<ReturnType<typeof begin>>, never, Scope.Scope> = begin({
      ...request,
      op: "rows",
      fields,
      reading
    })
    return Stream.unwrap(Effect.map(talk, (talk) =>
      Stream.paginate(
        talk,
        Effect.fnUntraced(function*(talk) {
          const reply = yield* receive(talk)
          const next = reply._tag === "Done" ? Option.none<typeof talk>() : Option.some(talk)
          return [partsOf(reply), next] as const
        })
      )))
  }

const partsOf = (reply: JailReply): ReadonlyArray<FilePart> => {
  if (reply._tag === "Rows") return reply.rows.map((row) => ({ row }))
  if (reply._tag !== "Columns") return []
  const { count, missing, names } = reply
  return [{ columns: { names, count, missing } }]
}
