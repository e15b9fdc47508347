/** How an ingest went: what `sheaf ingest --report` gives. Every file is counted exactly once. */
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
  /** The first files of each that is not published, by cause. */
  readonly examples: Readonly<Record<string, ReadonlyArray<string>>>
}

/** The fate of one file. */
export type Outcome =
  | { readonly type: "published" }
  | { readonly type: "failed"; readonly cause: string }
  | { readonly type: "untyped" | "crashed" | "hung" }

export const empty: Report = { files: 0, published: 0, failed: {}, untyped: 0, crashed: 0, hung: 0, examples: {} }

const examplesShown = 5

export const add = (report: Report, outcome: Outcome, name: string): Report => {
  const counted = { ...report, files: report.files + 1 }
  if (outcome.type === "published") return { ...counted, published: report.published + 1 }
  const cause = outcome.type === "failed" ? outcome.cause : outcome.type
  const examples = { ...report.examples, [cause]: [...(report.examples[cause] ?? []), name].slice(0, examplesShown) }
  return outcome.type === "failed"
    ? { ...counted, failed: { ...report.failed, [cause]: (report.failed[cause] ?? 0) + 1 }, examples }
    : { ...counted, [outcome.type]: report[outcome.type] + 1, examples }
}

export const unpublished = (report: Report): number => report.files - report.published

/** What must never be, whatever the files are. */
export const unforeseen = ({ crashed, hung, untyped }: Report): number => untyped + crashed + hung

/** One row for each outcome, for people; the last three are to be zero. */
export const rowsOf = (report: Report): ReadonlyArray<ReadonlyArray<string>> => {
  const row = (name: string, count: number) => [name, String(count), (report.examples[name] ?? []).join(", ")]
  const failed = Object.entries(report.failed).sort(([, a], [, b]) => b - a).map(([cause, count]) => row(cause, count))
  return [
    row("published", report.published),
    ...failed,
    row("untyped", report.untyped),
    row("crashed", report.crashed),
    row("hung", report.hung)
  ]
}
