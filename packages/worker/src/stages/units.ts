import { WorkUnitId } from "@sheaf/domain/ids"
import { Schema } from "effect"

/** Segments per unit of embedding and of indexing: some seconds of work, so that progress is seen and a retry is cheap. */
export const segmentsPerUnit = 32

const ordinals = { from: Schema.Int, to: Schema.Int } as const

/** Segments with ordinals in [from, to), and the unit that indexes them once they have vectors. */
export const EmbedSpec = Schema.Struct({ ...ordinals, indexUnit: WorkUnitId })

/** The unit that gave these segments their vectors. */
export const IndexSpec = Schema.Struct({ ...ordinals, embedUnit: WorkUnitId })
