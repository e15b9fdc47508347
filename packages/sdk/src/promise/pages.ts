import type { Effect } from "effect"
import type { Core } from "../makeSheaf.ts"
import type { Page, PageOptions } from "../options.ts"
import type { Feed } from "../streams/Feed.ts"
import { PageCall } from "./PageCall.ts"
import { type Abortable, callSite, type Runner } from "./Runner.ts"

interface Listed<Options, Item, E, Shown> {
  readonly list: (options: Options) => Effect.Effect<Shown, E>
  readonly all: (options: Options) => Feed<Item, E>
}

/** A list of an area, for the method that calls this. */
export const pages = <Options extends PageOptions & Abortable, Item, E, Shown extends Page<Item>>(
  runner: Runner,
  area: (sheaf: Core) => Listed<Omit<Options, "signal">, Item, E, Shown>,
  { signal, ...options }: Options
): PageCall<Item, Shown> => {
  const site = callSite(2)
  return new PageCall(
    () => runner.run(site, (sheaf) => area(sheaf).list(options), { signal }),
    () => runner.iterate(site, (sheaf) => area(sheaf).all(options), { signal })
  )
}
