import { ownerOf } from "@sheaf/adapters/repos/datasets/DatasetsRepo"
import type { Caller } from "@sheaf/domain/edge/Caller"

/** Callers of the same circle see the same, whatever it is: all that `visibleDatasets` and the log of events ask of them. */
export const circleOf = (caller: Caller): string =>
  JSON.stringify([caller.tenantId, caller.datasetIds, caller.has("admin"), ownerOf(caller)])
