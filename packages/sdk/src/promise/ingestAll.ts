import { type BatchItem, type IngestAllOptions, ingestOne, type IngestResult } from "../areas/ingestAll.ts"
import type { Abortable, CallSite, Runner } from "./Runner.ts"

/**
 * Keeps so many items on their way, and takes the next one from the list when one is done: neither the list nor the results
 * are collected. Results come in the order in which they are ready.
 */
export async function* ingestAll(
  runner: Runner,
  items: Iterable<BatchItem> | AsyncIterable<BatchItem>,
  { signal, ...options }: IngestAllOptions & Abortable,
  site: CallSite
): AsyncGenerator<IngestResult> {
  const leaving = new AbortController()
  const stop = () => leaving.abort(signal?.reason)
  signal?.addEventListener("abort", stop, { once: true })
  const list = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
  const running = new Set<Promise<() => IngestResult | undefined>>()
  let ended = false

  /** Runs beside the others; what it leads to is applied by whoever finds that it is the first to be ready. */
  const start = <A>(work: () => Promise<A>, settled: (result: A) => IngestResult | undefined) => {
    const promise: Promise<() => IngestResult | undefined> = work().then(
      (result) => () => {
        running.delete(promise)
        return settled(result)
      },
      (error: unknown) => () => {
        running.delete(promise)
        throw error
      }
    )
    running.add(promise)
  }
  const ingest = (item: BatchItem) =>
    start(
      () => runner.run(site, ({ documents }) => ingestOne(documents.ingest, item, options), { signal: leaving.signal }),
      (result) => result
    )
  const takeNext = () =>
    start(async () => list.next(), (next) => {
      if (next.done) {
        ended = true
        return undefined
      }
      ingest(next.value)
      if (running.size < (options.concurrency ?? 4)) takeNext()
      return undefined
    })

  try {
    takeNext()
    while (running.size > 0) {
      const result = (await Promise.race(running))()
      if (result === undefined) continue
      if (!ended && running.size === (options.concurrency ?? 4) - 1) takeNext()
      yield result
    }
  } finally {
    signal?.removeEventListener("abort", stop)
    stop()
    await list.return?.()
  }
}
