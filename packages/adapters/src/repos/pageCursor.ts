import { PageCursor } from "@sheaf/domain/ids"
import { Option, Schema } from "effect"

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
