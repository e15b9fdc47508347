import { maxAnnotations, maxAnswerLength, maxQuestionLength } from "@sheaf/domain/annotations/Annotation"
import { limits } from "@sheaf/domain/limits"
import { variables } from "./limits.ts"

// docs/limits.md, made of the limits that the program holds to.

interface Row {
  readonly what: string
  readonly refusal: string
}

/** One for each: a limit that is added does not compile without. */
const ofDocuments: { readonly [Name in keyof typeof limits]: Row } = {
  maxUploadBytes: { what: "bytes of an upload, counted while they come", refusal: "`UploadTooLarge` (413)" },
  maxPages: { what: "pages of a document", refusal: "the run fails with `TooLarge { what: \"pages\" }`" },
  maxAssets: {
    what: "pictures and attached files that are kept of a document",
    refusal: "none: what is over is left out, with a warning of the run; the text stands"
  },
  maxAssetBytes: { what: "bytes of them in all", refusal: "the same" },
  maxSegments: { what: "segments of a document", refusal: "the run fails with `TooLarge { what: \"segments\" }`" },
  maxSegmentChanges: {
    what: "segments of a document that are edited, added or deleted by hand",
    refusal: "`QuotaExceeded` (429)"
  }
}

/** What the contract or the program says in one place each. */
const others: ReadonlyArray<readonly [what: string, limit: string, refusal: string]> = [
  ["items of a page of any list", "200; 50 unless asked", "`BadRequest` (422)"],
  ["hits of a search", "100", "`BadRequest` (422)"],
  ["events of one `EventsList`", "1,000; it waits at most 30 s", "`BadRequest` (422)"],
  ["documents named in one bulk operation; a filter finds any number", "10,000", "`BadRequest` (422)"],
  ["dead letters requeued at a time", "50", "the answer says `more`"],
  ["tokens of a segment", "those of its space", "never more: text is cut before, nothing is left out"],
  ["length of a document's name", "255 bytes", "none: a longer one is cut before its extension"],
  ["annotations of an app", maxAnnotations.toLocaleString("en"), "`QuotaExceeded` (429)"],
  [
    "characters of an annotation's question, and of its answer",
    `${maxQuestionLength.toLocaleString("en")}, ${maxAnswerLength.toLocaleString("en")}`,
    "`BadRequest` (422)"
  ],
  [
    "memory, time and output of a parser",
    "1.5 GB, 2 minutes a page range, 512 MB",
    "`ParserCrashed`, `ParserTimedOut`, `TooLarge`"
  ],
  ["time of a call", "60 s", "`Unavailable` (503)"],
  ["attempts of a job that fail by its own fault", "4", "the run fails with their cause; a dead letter"],
  ["size of a NATS ingest event", "that of the server's `max_payload`", "`...ingest.<eventId>.rejected`"]
]

const introduction = `# Limits

Made from the code (\`node scripts/limits.ts\`); a test fails when it is out of date.

Over a limit is an answer that names it, never a slow death. Nothing is truncated silently.

## Of a document

| what | at most | over it |
| --- | --- | --- |
`

export const limitsReference = (): string =>
  introduction +
  Object.entries(ofDocuments).map(([name, { refusal, what }]) =>
    `| ${what} | ${limits[name as keyof typeof limits].toLocaleString("en")} | ${refusal} |\n`
  ).join("") +
  `
## Of a tenant

Unlimited, unless the installation says otherwise by a variable, or an operator for one tenant (\`sheaf tenants limits\`). Quotas hold in the transaction
that would break them, against many at once: \`QuotaExceeded\` (429) names the quota and its limit. Rates hold per server process: \`RateLimited\` (429)
says when to come back, in \`retryAfterMs\` and the header \`retry-after\`.

| variable | what |
| --- | --- |
${variables.map(({ meaning, name }) => `| \`${name}\` | ${meaning} |\n`).join("")}
## Of calls and work

| what | at most | over it |
| --- | --- | --- |
${others.map((row) => `| ${row.join(" | ")} |\n`).join("")}`
