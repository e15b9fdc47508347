import { Redacted } from "effect"

/** As it travels in a call; nothing that logs a call shows it. */
export const passwordOf = (password: string | undefined) =>
  password === undefined ? {} : { password: Redacted.make(password) }
