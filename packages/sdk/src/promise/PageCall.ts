import type { Page } from "../options.ts"

/**
 * A list that was asked for. Awaited, it is one page; iterated, it is every item of every page; `toArray` collects them.
 * Nothing is sent before one of these is done.
 */
export class PageCall<Item, Shown extends Page<Item> = Page<Item>> implements Promise<Shown>, AsyncIterable<Item> {
  readonly #page: () => Promise<Shown>
  readonly #items: () => AsyncIterable<Item>
  #asked: Promise<Shown> | undefined

  constructor(page: () => Promise<Shown>, items: () => AsyncIterable<Item>) {
    this.#page = page
    this.#items = items
  }

  // oxlint-disable-next-line unicorn/no-thenable -- to be awaited is what it is for
  then<A = Shown, B = never>(
    resolved?: ((page: Shown) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null
  ): Promise<A | B> {
    return this.#ask().then(resolved, rejected)
  }

  catch<B = never>(rejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<Shown | B> {
    return this.#ask().catch(rejected)
  }

  finally(settled?: (() => void) | null): Promise<Shown> {
    return this.#ask().finally(settled)
  }

  /** Up to `limit` items in one array. */
  async toArray(options: { readonly limit: number }): Promise<Array<Item>> {
    const items: Array<Item> = []
    if (options.limit <= 0) return items
    for await (const item of this.#items()) {
      items.push(item)
      if (items.length >= options.limit) break
    }
    return items
  }

  [Symbol.asyncIterator](): AsyncIterator<Item> {
    return this.#items()[Symbol.asyncIterator]()
  }

  get [Symbol.toStringTag](): string {
    return "PageCall"
  }

  #ask(): Promise<Shown> {
    return this.#asked ??= this.#page()
  }
}
