import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { constants } from "node:os"
import { delimiter, dirname } from "node:path"
import { root } from "./console.mjs"

/**
 * Runs a program in place of this one: in the folder where the user stands, with the terminal, signals and exit code passed
 * through. `SHEAF_COMMAND` tells it how it was called, so that the commands it suggests can be copied as they are.
 */
export const run = (command, args, options = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: "inherit",
      ...options,
      cwd: options.cwd ?? whereTheUserStands(),
      env: {
        ...process.env,
        SHEAF_COMMAND: process.env.SHEAF_COMMAND ?? "npm run sheaf --",
        PATH: [dirname(command), process.env.PATH].join(delimiter),
        ...options.env
      }
    })
    // Ctrl-C reaches the child by itself, which says when it is done; a signal sent to this process alone is passed on.
    const ignore = () => {}
    const pass = (signal) => child.kill(signal)
    process.on("SIGINT", ignore)
    process.on("SIGTERM", pass)
    process.on("SIGHUP", pass)
    child.on("error", reject)
    child.on("close", (code, signal) => resolve(code ?? 128 + (constants.signals[signal ?? "SIGTERM"] ?? 15)))
  })

/** npm goes to the root of the clone before it runs a script, and remembers where it was called. */
const whereTheUserStands = () => {
  const called = process.env.INIT_CWD
  return called !== undefined && existsSync(called) ? called : process.env.INIT_CWD === undefined ? process.cwd() : root
}
