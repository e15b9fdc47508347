import { Worker } from "node:worker_threads"

/**
 * What stands on each page of a PDF, as the unchanged library reads it. In a thread of its own: parsers load that library with some of its
 * statements changed, and a process that has loaded it one way keeps it so.
 */
export const textsOfPdf = (bytes: Uint8Array): Promise<ReadonlyArray<string>> =>
  new Promise((resolve, reject) => {
    const thread = new Worker(new URL("./readTexts.ts", import.meta.url), { workerData: bytes })
    thread.once("message", resolve)
    thread.once("error", reject)
    thread.once("exit", () => reject(new Error("the thread ended without an answer")))
  })
