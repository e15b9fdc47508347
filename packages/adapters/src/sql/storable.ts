/** Postgres keeps neither NUL nor half a surrogate pair in text and JSON. */
export const storable = (text: string): string => text.toWellFormed().replaceAll("\0", "\ufffd")
