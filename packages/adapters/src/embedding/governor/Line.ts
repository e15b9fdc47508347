import type { BatchLimits } from "./EmbeddingClient.ts"
import { fitting, type Sized } from "./packing.ts"

interface Urgent extends Sized {
  readonly urgent: boolean
}

/**
 * What waits to be sent. Urgent before the rest; within each, what came back goes first, and groups that must stay by themselves before
 * what may share a request.
 */
export const makeLine = <Item extends Urgent>() => {
  const makeLane = () => ({ sealed: [] as Array<ReadonlyArray<Item>>, open: [] as Array<Item> })
  const lanes = { urgent: makeLane(), normal: makeLane() }
  const laneOf = (item: Item) => item.urgent ? lanes.urgent : lanes.normal
  const both = [lanes.urgent, lanes.normal] as const

  return {
    offer: (items: ReadonlyArray<Item>) => {
      for (const item of items) laneOf(item).open.push(item)
    },
    /** They go before others, and may share a request with them. */
    putBack: (items: ReadonlyArray<Item>) => {
      for (const item of items.toReversed()) laneOf(item).open.unshift(item)
    },
    /** Each group becomes a request of its own. Groups are of one kind, as requests are. */
    putBackApart: (groups: ReadonlyArray<ReadonlyArray<Item>>) => {
      for (const group of groups.toReversed()) if (group.length > 0) laneOf(group[0]!).sealed.unshift(group)
    },
    withdraw: (gone: ReadonlySet<Item>) => {
      for (const lane of both) {
        lane.open = lane.open.filter((item) => !gone.has(item))
        lane.sealed = lane.sealed
          .map((group) => group.filter((item) => !gone.has(item)))
          .filter((group) => group.length > 0)
      }
    },
    /** The next request. */
    next: (limits: BatchLimits): ReadonlyArray<Item> | undefined => {
      for (const lane of both) {
        const group = lane.sealed.shift()
        if (group !== undefined) return group
        if (lane.open.length > 0) return lane.open.splice(0, fitting(lane.open, limits))
      }
      return undefined
    },
    /** Everything, leaving nothing. */
    drain: (): ReadonlyArray<Item> => both.flatMap((lane) => [...lane.sealed.splice(0).flat(), ...lane.open.splice(0)]),
    size: () => both.reduce((sum, lane) => sum + lane.open.length + lane.sealed.flat().length, 0)
  }
}
