import { fileURLToPath } from "node:url"

// Which packages a process loads: start it with `tellingWhatItLoads`, then read what it says on standard error.

export const tellingWhatItLoads = {
  NODE_OPTIONS: `--import=${fileURLToPath(new URL("../programs/loaded.ts", import.meta.url))}`
}

/** The packages that the process has loaded so far, some of them twice. */
export const loaded = (stderr: string): ReadonlyArray<string> =>
  [...stderr.matchAll(/^loads (.+)$/gm)].map(([, name]) => name!)

/** Clients of servers, which the embedded profile does without. */
export const ofServers = /^(@nats-io|@azure|typesense)/

/** The database and the model that the embedded profile brings along. */
export const ofEmbedded = /^(@electric-sql|@energetic-ai)/
