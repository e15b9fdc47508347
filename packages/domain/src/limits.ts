/** What one document may be, unless an installation says otherwise. Over one of them is a typed refusal, never a slow death. */
export const limits = {
  /** Bytes of an upload, counted while they come. */
  maxUploadBytes: 200 * 1024 * 1024,
  maxPages: 5_000,
  /** Pictures and files that are kept of a document, and their bytes in all. What is over is left out, with a warning: its text stands. */
  maxAssets: 10_000,
  maxAssetBytes: 512 * 1024 * 1024,
  /** More would be a data set, not a document. */
  maxSegments: 50_000,
  /** Segments of one document that are edited, added or deleted by hand: all are done again by every run of it. */
  maxSegmentChanges: 10_000
} as const
