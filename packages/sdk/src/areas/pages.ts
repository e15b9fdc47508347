import { Effect } from "effect"
import type { Page, PageOptions } from "../options.ts"
import type { Feed } from "../streams/Feed.ts"

/** Every item of a list, page after page. */
export const everyItem = <Item, E, Options extends PageOptions>(
  list: (options: Options) => Effect.Effect<Page<Item>, E>,
  options: Options
): Feed<Item, E> =>
  Effect.sync(() => {
    let next: Options | undefined = options
    return Effect.suspend(() => {
      if (next === undefined) return Effect.undefined
      const current = next
      return Effect.map(list(current), (page) => {
        next = page.next === undefined ? undefined : { ...current, cursor: page.next }
        return page.items
      })
    })
  })
