import { createHmac } from "node:crypto"

/**
 * A payload as it is remembered, by its hash. People's passwords can be guessed, so the hash must not tell a right guess from a wrong one:
 * in the place of a password stands what only the holder of the caller's own secret can make of it.
 */
export const withoutPassword = (
  { password, ...payload }: Readonly<Record<string, unknown>>,
  bearer: string | undefined
): Readonly<Record<string, unknown>> =>
  typeof password !== "string" || bearer === undefined
    ? payload
    : { ...payload, password: createHmac("sha256", bearer).update(password).digest("hex") }
