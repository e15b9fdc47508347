import { WorkUnitId } from "@sheaf/domain/ids"
import { Schema } from "effect"

/** Segments of a unit of embedding and of indexing: some seconds of work, so that progress is seen and a retry is cheap. */
const fewest = 32

/** Each unit has transactions of its own, whatever its size: long documents have larger ones. */
const most = 96

interface Slice {
  readonly from: number
  readonly to: number
}

/** Where the units of a version with so many segments begin and end: each is half as large as all before it together, within bounds. */
export const slicesOf = (total: number): ReadonlyArray<Slice> => {
  const slices: Array<Slice> = []
  for (let from = 0; from < total;) {
    const size = Math.min(most, Math.max(fewest, Math.floor(from / 2)))
    const to = Math.min(total, from + size)
    slices.push({ from, to })
    from = to
  }
  return slices
}

const ordinals = { from: Schema.Int, to: Schema.Int } as const

/** Segments with ordinals in [from, to), and the unit that indexes them once they have vectors. */
export const EmbedSpec = Schema.Struct({ ...ordinals, indexUnit: WorkUnitId })

/** The unit that gave these segments their vectors. */
export const IndexSpec = Schema.Struct({ ...ordinals, embedUnit: WorkUnitId })
