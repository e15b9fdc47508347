// What is there, as somebody finds it who knows the tables, the search engine and the blobs, but none of our code.

export interface DocumentRow {
  readonly id: string
  readonly datasetId: string
  readonly name: string
  readonly size: number
  readonly contentHash: string
  readonly publishedRunId: string | null
  readonly latestRunId: string | null
  readonly segments: number
}

export interface RunRow {
  readonly id: string
  readonly documentId: string
  readonly state: string
}

/** A segment's place in a run. */
export interface Member {
  readonly runId: string
  readonly ordinal: number
  readonly segmentId: string
}

export interface SegmentRow {
  readonly id: string
  readonly documentId: string
  readonly datasetId: string
  readonly text: string
  readonly tokens: number
  readonly indexState: string
  /** The vector that belongs to its text, as float32 in base64; null where there is none. */
  readonly vector: string | null
}

export interface Counters {
  readonly datasetId: string
  readonly documents: number
  readonly segments: number
  readonly tokens: number
  readonly bytes: number
}

/** An entry of the search index. */
export interface Entry {
  readonly segmentId: string
  readonly documentId: string
  readonly datasetId: string
  readonly vector: ReadonlyArray<number> | null
}

export interface Blob {
  readonly key: string
  /** Of originals only. */
  readonly sha256: string | null
}

export interface Evidence {
  readonly documents: ReadonlyArray<DocumentRow>
  readonly runs: ReadonlyArray<RunRow>
  readonly members: ReadonlyArray<Member>
  readonly segments: ReadonlyArray<SegmentRow>
  /** The run of each event that says that a document was published. */
  readonly publications: ReadonlyArray<string>
  readonly counters: ReadonlyArray<Counters>
  /** Documents-to-be of uploads that are not finished and not expired: what lies there is theirs. */
  readonly openUploads: ReadonlyArray<string>
  readonly owedJobs: number
  readonly openUnits: number
  readonly entries: ReadonlyArray<Entry>
  readonly blobs: ReadonlyArray<Blob>
}
