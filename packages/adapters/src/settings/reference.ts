import { sections } from "./sections.ts"
import type { Variable } from "./Variable.ts"

// docs/configuration.md, made of the descriptions that the program itself reads by.

const row = (variable: Variable<unknown>): string => {
  const { kind, meaning, name, secret, unit } = variable
  const type = unit === undefined ? kind.name : `${kind.name} (${unit})`
  const shown = variable.default === undefined ? "" : `\`${variable.default}\``
  return `| \`${name}\`${secret ? " (secret)" : ""} | ${type} | ${shown} | ${meaning} |`
}

const introduction = `# Configuration

Made from the code (\`node scripts/configuration.ts\`); a test fails when it is out of date.

Everything is configured by environment variables; flags of the command line are stronger. **Without any of them Sheaf is embedded**: one
process, one folder, nothing to set up. Each part is chosen by the variable that says where it is: \`DATABASE_URL\` for PostgreSQL,
\`NATS_URL\` for NATS, \`AZURE_STORAGE_CONNECTION_STRING\` for Azure Blob Storage, \`TYPESENSE_URL\` for Typesense, \`SHEAF_EMBEDDER_URL\` for an
embedding server, \`SHEAF_RERANKER_URL\` for a re-ranker.

- An empty variable counts as not set. One that is set and makes no sense, contradicts another or names something that does not answer
  keeps the process from starting; all that is wrong is said at once, with what to do. Exit code 3: something must be changed; 1: something
  does not answer, and starting again later may do.
- Secrets are never printed or logged. Each but \`SHEAF_KEY\` can be given in a file instead: \`DATABASE_URL_FILE=/run/secrets/database\`.
- A variable that begins with \`SHEAF_\` and does not exist is warned about, with the name that may be meant.
- \`sheaf config\` prints what is in force and where it comes from; \`sheaf doctor\` looks whether each part works.
`

export const reference = (): string =>
  introduction +
  sections.map(({ about, title, variables }) =>
    `\n## ${title}\n\n${about}\n\n| variable | holds | default | meaning |\n| --- | --- | --- | --- |\n${
      variables.map(row).join("\n")
    }\n`
  ).join("")
