import { retention, type Rule } from "./retention.ts"

// docs/retention.md, made of the rules that the program follows.

const ends: Readonly<Record<Rule["endsWith"], string>> = {
  installation: "nothing",
  tenant: "the tenant",
  dataset: "the dataset",
  document: "the document",
  run: "the run",
  work: "the work it stands for",
  time: "a chore, after a while"
}

const introduction = `# How long everything is kept

Made from the code (\`node scripts/retention.ts\`); a test fails when it is out of date, and another when a table has no rule.

What belongs to a tenant, dataset, document or run goes when that is deleted, whatever else is said here. Chores run every few minutes, in
whichever worker holds their lease, and take a thousand rows at a time.

| table | ends with | kept |
| --- | --- | --- |
`

export const retentionReference = (): string =>
  introduction +
  Object.entries(retention).map(([table, { endsWith, kept }]) => `| \`${table}\` | ${ends[endsWith]} | ${kept} |\n`)
    .join("") +
  `
The embedded search index and Typesense hold entries as long as the segment may be found. Blobs go with their document; those that belong to
nobody are removed a day after they were last written (\`SHEAF_OWNERLESS_KEPT\`). A second look for late writes comes 11 minutes after each deletion.
`
