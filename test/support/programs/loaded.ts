import { registerHooks } from "node:module"
import { writeSync } from "node:fs"

// `node --import loaded.ts ...`: tells on standard error which packages a program loads, each once, as `loads NAME`.
const told = new Set<string>()

registerHooks({
  load: (url, context, next) => {
    const name = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]
    if (name !== undefined && !told.has(name)) {
      told.add(name)
      writeSync(2, `loads ${name}\n`)
    }
    return next(url, context)
  }
})
