import { Effect, Option, Stream } from "effect"
import type { Page, PageOptions } from "../options.ts"

/** Every item of a list, page after page. */
export const everyItem = <Item, E, Options extends PageOptions>(
  list: (options: Options) => Effect.Effect<Page<Item>, E>,
  options: Options
): Stream.Stream<Item, E> =>
  Stream.paginate(options, (current) =>
    Effect.map(list(current), (page) =>
      [
        page.items,
        page.next === undefined ? Option.none<Options>() : Option.some({ ...current, cursor: page.next })
      ] as const))
