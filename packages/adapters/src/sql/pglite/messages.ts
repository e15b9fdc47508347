import type { MessagePort } from "node:worker_threads"

/** What the worker thread is started with. */
export interface WorkerOptions {
  readonly dataDir: string
  /** PostgreSQL settings, given on the server's command line. */
  readonly settings: Readonly<Record<string, string>>
  /** Milliseconds that a connection may sit idle in a transaction while others wait. */
  readonly patience: number
}

export type ToWorker =
  | { readonly _tag: "Connect"; readonly port: MessagePort }
  | { readonly _tag: "Stop" }

export type FromWorker =
  | { readonly _tag: "Ready" }
  | { readonly _tag: "Failed"; readonly message: string }
