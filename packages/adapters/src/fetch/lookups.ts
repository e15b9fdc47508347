import { lookup } from "node:dns/promises"

type Resolve = (host: string) => Promise<ReadonlyArray<string>>

/**
 * Asks for so many names at once and lets the others wait in their order; who asks for a name that is on its way shares the answer. Whoever
 * waits limits the time by itself.
 */
export const boundedLookups = (resolve: Resolve, atOnce: number): Resolve => {
  const underWay = new Map<string, Promise<ReadonlyArray<string>>>()
  const waiting: Array<() => void> = []
  let busy = 0

  const turn = (): Promise<void> | undefined => {
    if (busy < atOnce) {
      busy++
      return undefined
    }
    return new Promise((begin) => {
      waiting.push(begin)
    })
  }
  /** The turn goes to the next, or is free. */
  const leave = () => {
    const next = waiting.shift()
    if (next === undefined) busy--
    else next()
  }

  const ask = async (host: string) => {
    await turn()
    try {
      return await resolve(host)
    } finally {
      leave()
      underWay.delete(host)
    }
  }

  return (host) => {
    const known = underWay.get(host)
    if (known !== undefined) return known
    const asked = ask(host)
    underWay.set(host, asked)
    return asked
  }
}

/**
 * As the machine resolves names: with its hosts file, search domains and the rest. That waits in a thread of the process, of which there are
 * four for files as well: two are left for those, however slow a name server is.
 */
export const lookupByMachine: Resolve = boundedLookups(
  async (host) => (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address),
  2
)
