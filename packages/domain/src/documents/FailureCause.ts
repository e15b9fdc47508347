import { Schema } from "effect"

/**
 * Why a run failed: stored with the run, shown to people, and not an RPC error. `retryable` says whether the same bytes may
 * succeed later without anybody changing anything.
 */
export const FailureCause = Schema.TaggedUnion({
  /** The file is damaged or not what it claims to be. */
  Corrupt: { detail: Schema.String },
  /** The file needs a password, or the one given is wrong. */
  Encrypted: { wrongPassword: Schema.Boolean },
  /** More bytes, pages or segments than allowed. */
  TooLarge: { what: Schema.String, limit: Schema.Finite, actual: Schema.Finite },
  /** No parser for what the content is. */
  Unsupported: { detectedType: Schema.String },
  /** Pages there are, but not a word on them, and none that could be recognised on their pictures. Warnings of the run say why, page by page. `slides`: its pages are slides. */
  NoText: { pages: Schema.Int, slides: Schema.optionalKey(Schema.Boolean) },
  /** A container of pages without a page. */
  NoPages: {},
  /** Zero bytes, or nothing but white space. */
  Empty: {},
  /** The parser's process died on this input. */
  ParserCrashed: { detail: Schema.String },
  /** The parser did not finish in its time. */
  ParserTimedOut: { limitMs: Schema.Int },
  /** The embedder refused the text or gave a vector that cannot be used. */
  EmbedderRejected: { detail: Schema.String },
  /** The search index refused what it was to hold of the document. */
  IndexRefused: { detail: Schema.String },
  /** What should be parsed is gone from storage or from its source. */
  SourceGone: { detail: Schema.String },
  SourceUnauthorized: { detail: Schema.String },
  /** A step of the pipeline did not do its work. `retryable`: the service behind it may do it later. */
  StepFailed: { step: Schema.String, detail: Schema.String, retryable: Schema.Boolean },
  QuotaExceeded: { quota: Schema.String, limit: Schema.Finite },
  /** Our bug: the log has the details under `reference`. */
  Internal: { reference: Schema.String }
})
export type FailureCause = typeof FailureCause.Type

interface Explanation {
  readonly retryable: boolean
  readonly message: string
  /** What a person can do about it. */
  readonly hint: string
}

/** What to convert a file to, by what it is: the format that keeps most of it. */
const conversions: ReadonlyArray<readonly [types: RegExp, hint: string]> = [
  [/^image\//, "Run text recognition (OCR) on it and upload the result as a PDF."],
  [/^(?:audio|video)\//, "Upload a transcript of it."],
  [/msword|rtf|opendocument\.text|iwork/, "Save it as DOCX or PDF in the program that made it."],
  [/ms-excel|opendocument\.spreadsheet/, "Save it as XLSX or CSV in the program that made it."],
  [/ms-powerpoint|opendocument\.presentation/, "Save it as PPTX or PDF in the program that made it."],
  [/ms-outlook/, "Save the message as EML, or upload what it says as text."],
  [/zip|gzip|rar|7z|x-tar|x-xz|zstd/, "Unpack it and upload the files in it."]
]

/** The words for a cause, the same in SDK, CLI and console. Total: a new cause without words does not compile. */
export const explain = FailureCause.match({
  Corrupt: ({ detail }): Explanation => ({
    retryable: false,
    message: `The file is damaged: ${detail}`,
    hint: "Open it in another program, save it again and upload that copy."
  }),
  Encrypted: ({ wrongPassword }): Explanation => ({
    retryable: false,
    message: wrongPassword ? "The password does not open the file." : "The file is protected by a password.",
    hint:
      "Build a PDF again with its password (`password` of a run); upload a copy without protection of anything else."
  }),
  TooLarge: ({ actual, limit, what }): Explanation => ({
    retryable: false,
    message: `Too many ${what}: ${actual}, and at most ${limit} are allowed.`,
    hint: "Split the document, or ask your operator for a higher limit."
  }),
  Unsupported: ({ detectedType }): Explanation => ({
    retryable: false,
    message: `There is no parser for ${detectedType}.`,
    hint: conversions.find(([types]) => types.test(detectedType))?.[1] ??
      "Convert it to PDF, DOCX, Markdown, HTML or plain text."
  }),
  NoText: ({ pages, slides = false }): Explanation => ({
    retryable: false,
    message: slides ?
      `There is not a word on its slides (${pages}), nor in their notes, nor a picture that can be kept.` :
      `Not one of its ${pages} pages has text that can be read.`,
    hint: slides ?
      "If they show words in drawings, export it as PDF: pages without text are read as scans are." :
      "If it is a scan, scan it finer; your operator chooses the languages that scans are read in."
  }),
  NoPages: (): Explanation => ({
    retryable: false,
    message: "The document has no pages.",
    hint: "Export it again from the program that made it."
  }),
  Empty: (): Explanation => ({
    retryable: false,
    message: "There is nothing in it.",
    hint: "Check that the file was written to the end before it was sent."
  }),
  ParserCrashed: ({ detail }): Explanation => ({
    retryable: true,
    message: `The parser died on this file: ${detail}`,
    hint: "Retry once; if it dies again, convert the file to another format."
  }),
  ParserTimedOut: ({ limitMs }): Explanation => ({
    retryable: true,
    message: `The parser did not finish within ${Math.round(limitMs / 1000)} s.`,
    hint: "Retry when the machine is less busy, or split the document."
  }),
  EmbedderRejected: ({ detail }): Explanation => ({
    retryable: false,
    message: `The embedder refused a part of the text: ${detail}`,
    hint: "Look at the named segment; a smaller chunk size may help."
  }),
  IndexRefused: ({ detail }): Explanation => ({
    retryable: true,
    message: `The search index refused a change: ${detail}`,
    hint:
      "It is tried again by itself; readers see the change as it was asked for. If it stays, show the detail to your operator."
  }),
  SourceGone: ({ detail }): Explanation => ({
    retryable: false,
    message: `The source is gone: ${detail}`,
    hint: "Upload the document again."
  }),
  SourceUnauthorized: ({ detail }): Explanation => ({
    retryable: false,
    message: `The source refused access: ${detail}`,
    hint: "Check the credential of the connection."
  }),
  StepFailed: ({ detail, retryable, step }): Explanation => ({
    retryable,
    message: `The step "${step}" of the pipeline failed: ${detail}`,
    hint: retryable
      ? "Look after the service behind the step, then retry: what it has answered is not asked again."
      : "Correct the step or the service behind it, then build the document again."
  }),
  QuotaExceeded: ({ limit, quota }): Explanation => ({
    retryable: false,
    message: `The tenant's limit for ${quota} (${limit}) is reached.`,
    hint: "Delete what is no longer needed, or ask your operator for a higher limit."
  }),
  Internal: ({ reference }): Explanation => ({
    retryable: true,
    message: `Something went wrong on the server (reference ${reference}).`,
    hint: "Retry; if it fails again, send the reference to your operator."
  })
})
