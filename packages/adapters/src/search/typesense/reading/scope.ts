import type { DatasetId, TenantId } from "@sheaf/domain/ids"
import type { IndexScope } from "../../SearchIndex.ts"
import { hexOf, recordId } from "../fields/hex.ts"

/** Ids named in one request: where it is a query string, they have to fit into a line of HTTP. */
export const idsAtOnce = 50

/**
 * What every search is limited to, whatever else it asks for. Goes last: the engine knows no precedence, so that something in front could
 * otherwise undo it.
 */
export const within = (tenantId: TenantId, datasetIds: ReadonlyArray<DatasetId>): string =>
  `(tenant:=${hexOf(tenantId)} && dataset:=[${datasetIds.map(hexOf).join(",")}])`

export const limitedTo = (filter: string | undefined, mandatory: string): string =>
  filter === undefined ? mandatory : `(${filter}) && ${mandatory}`

/** Filters that together let through what the scope means. */
export const scopeFilters = (tenantId: TenantId, scope: IndexScope): ReadonlyArray<string> => {
  const mine = `(tenant:=${hexOf(tenantId)})`
  switch (scope._tag) {
    case "Segments": {
      const ids = [...new Set(scope.segmentIds)].map((segmentId) => recordId(tenantId, segmentId))
      return Array.from(
        { length: Math.ceil(ids.length / idsAtOnce) },
        (_, i) => limitedTo(`id:=[${ids.slice(i * idsAtOnce, (i + 1) * idsAtOnce).join(",")}]`, mine)
      )
    }
    case "Document":
      return [limitedTo(`document:=${hexOf(scope.documentId)}`, mine)]
    case "Dataset":
      return [limitedTo(`dataset:=${hexOf(scope.datasetId)}`, mine)]
    case "Tenant":
      return [mine]
  }
}
