import type { DatasetId, DocumentId } from "@sheaf/domain/ids"

// What there should be, as simple as it can be said.

interface ModelSegment {
  text: string
  enabled: boolean
}

export interface ModelDocument {
  readonly tenant: number
  readonly dataset: number
  readonly id: DocumentId
  readonly body: number
  name: string
  kind: string | undefined
  enabled: boolean
  archived: boolean
  deleted: boolean
  /** The newest run is held up. */
  paused: boolean
  /** The first version was cancelled before there was one. */
  cancelled: boolean
  /** What readers see, in order; nothing before the first version. */
  segments: Array<ModelSegment> | undefined
}

interface ModelDataset {
  readonly id: DatasetId
  deleted: boolean
}

export interface Model {
  readonly documents: Array<ModelDocument>
  readonly datasets: Array<ReadonlyArray<ModelDataset>>
  /** Makes every text that is written by hand another. */
  serial: number
}

export const live = ({ documents }: Model) => documents.filter(({ deleted }) => !deleted)

export const statusOf = (document: ModelDocument): string => {
  if (document.archived) return "archived"
  if (document.paused) return "paused"
  if (document.segments === undefined) return "cancelled"
  return document.enabled ? "available" : "disabled"
}

export const isShown = ({ archived, enabled }: ModelDocument) => enabled && !archived

/** Everything is at rest: what was being built is there, unless it is held up. */
export const rested = (model: Model, cut: ReadonlyArray<ReadonlyArray<string>>) => {
  for (const document of live(model)) {
    if (document.segments === undefined && !document.cancelled && !document.paused) publish(document, cut)
  }
}

/** Its first version is there. */
export const publish = (document: ModelDocument, cut: ReadonlyArray<ReadonlyArray<string>>) => {
  document.segments ??= cut[document.body]!.map((text) => ({ text, enabled: true }))
}
