import { PageCursor } from "@sheaf/domain/ids"
import { isStorable } from "@sheaf/domain/text"
import { DateTime, Option, Schema } from "effect"

/** A name in a cursor: whoever makes up a cursor must not get further than to the complaint about it. */
export const CursorText = Schema.String.check(isStorable)

/** An instant as PostgreSQL writes it, with all its digits. */
export const CursorInstant = Schema.String.check(
  Schema.isPattern(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,6})?[+-]\d{2}$/),
  Schema.makeFilter((text: string) =>
    Option.isSome(DateTime.make(`${text.replace(" ", "T")}:00`)) || "an instant that there is"
  )
)

/** A count that fits a column. */
export const CursorCount = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2_147_483_647 }))

const opaque = <S extends Schema.Codec<unknown, unknown>>(position: S) =>
  Schema.StringFromBase64Url.pipe(Schema.decodeTo(Schema.fromJsonString(position)))

/** A list position as an opaque cursor: the sort values of the last item shown. */
export const encodeCursor = <S extends Schema.Codec<unknown, unknown>>(position: S, value: S["Type"]): PageCursor =>
  PageCursor.make(Schema.encodeSync(opaque(position))(value))

/** `Some(undefined)` without a cursor, `None` for one that this list never gave. */
export const decodeCursor = <S extends Schema.Codec<unknown, unknown>>(
  position: S,
  cursor: PageCursor | undefined
): Option.Option<S["Type"] | undefined> =>
  cursor === undefined ? Option.some(undefined) : Schema.decodeOption(opaque(position))(cursor)
