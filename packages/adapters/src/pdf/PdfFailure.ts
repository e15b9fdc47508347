import type { FailureCause } from "@sheaf/domain/documents/FailureCause"

/** Thrown within a process that works on a PDF: the file does not give what is asked for. */
export class PdfFailure extends Error {
  override readonly name = "PdfFailure"
  readonly failure: FailureCause
  constructor(failure: FailureCause) {
    super(failure._tag)
    this.failure = failure
  }
}
