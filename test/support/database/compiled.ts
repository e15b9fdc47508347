import { Effect } from "effect"
import * as Fs from "node:fs"
import { createRequire } from "node:module"
import * as Path from "node:path"
import { manifest } from "./templates.ts"

let kept: Promise<WebAssembly.Module> | undefined

/**
 * Keeps the program of PGlite for as long as this process lives. V8 gives threads that load the same bytes the same code while anybody
 * has it: the next database of the process begins with what was compiled, and made fast, for those before it.
 */
export const keepCompiled = Effect.promise(() => {
  const pglite = createRequire(manifest).resolve("@electric-sql/pglite")
  return kept ??= WebAssembly.compile(Fs.readFileSync(Path.join(Path.dirname(pglite), "pglite.wasm")))
})
