/** How an ingest went: the machine-readable end of `sheaf ingest --report`. Every file is counted exactly once. */
export interface Report {
  /** All that were sent or tried. */
  readonly files: number
  readonly published: number
  /** By cause: the file could not be built or sent, and the reason is known. */
  readonly failed: Readonly<Record<string, number>>
  /** Failed for a reason that nobody foresaw. */
  readonly untyped: number
  /** The server went away before the file's fate was known. */
  readonly crashed: number
  /** Nothing moved any more. */
  readonly hung: number
}

/** The fate of one file. */
export type Outcome =
  | { readonly type: "published" }
  | { readonly type: "failed"; readonly cause: string }
  | { readonly type: "untyped" | "crashed" | "hung" }

export const empty: Report = { files: 0, published: 0, failed: {}, untyped: 0, crashed: 0, hung: 0 }

export const add = (report: Report, outcome: Outcome): Report => {
  const counted = { ...report, files: report.files + 1 }
  if (outcome.type !== "failed") return { ...counted, [outcome.type]: report[outcome.type] + 1 }
  const { cause } = outcome
  return { ...counted, failed: { ...report.failed, [cause]: (report.failed[cause] ?? 0) + 1 } }
}

export const unpublished = (report: Report): number => report.files - report.published
