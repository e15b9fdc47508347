import type { BatchLimits } from "./EmbeddingClient.ts"

export interface Sized {
  readonly tokens: number
  readonly bytes: number
}

/** How many of the first items make one request within the limits; one at least, if there is any, for it cannot be made smaller. */
export const fitting = (items: Iterable<Sized>, limits: BatchLimits): number => {
  let count = 0
  let tokens = 0
  let bytes = 0
  for (const item of items) {
    tokens += item.tokens
    bytes += item.bytes
    if (count > 0 && (count >= limits.items || tokens > limits.tokens || bytes > limits.bytes)) break
    count++
  }
  return count
}

/** All items in requests within the limits, order kept. */
export const packed = <Item extends Sized>(
  items: ReadonlyArray<Item>,
  limits: BatchLimits
): Array<ReadonlyArray<Item>> => {
  const batches: Array<ReadonlyArray<Item>> = []
  for (let from = 0; from < items.length;) {
    const count = fitting(items.slice(from, from + limits.items), limits)
    batches.push(items.slice(from, from + count))
    from += count
  }
  return batches
}
