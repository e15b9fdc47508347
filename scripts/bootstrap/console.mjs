import { fileURLToPath } from "node:url"

/** The folder of the clone. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "")

/** A line for people. Standard output belongs to the program that is started. */
export const say = (line) => process.stderr.write(`${line}\n`)

export const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`

/** Ends the bootstrap with a message that says what to do. */
export class Stop extends Error {
  constructor(message, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}
