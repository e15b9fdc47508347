import * as Fs from "node:fs"
import * as Path from "node:path"
import { createInterface } from "node:readline"
import type { Request } from "./routes.ts"

export interface Entry {
  readonly request: Request
  /** Milliseconds. */
  readonly at: number
}

/** Every write in its order, on disk before it is answered. */
export class Journal {
  private readonly path: string
  private readonly file: number

  constructor(folder: string) {
    Fs.mkdirSync(folder, { recursive: true })
    this.path = Path.join(folder, "journal.ndjson")
    this.file = Fs.openSync(this.path, "a")
  }

  append(entry: Entry): void {
    Fs.writeSync(this.file, `${JSON.stringify(entry)}\n`)
  }

  /** What was written before; the half line of a process that was killed was never answered, and counts for nothing. */
  async *entries(): AsyncGenerator<Entry> {
    for await (const line of createInterface({ input: Fs.createReadStream(this.path), crlfDelay: Infinity })) {
      try {
        yield JSON.parse(line) as Entry
      } catch {
        continue
      }
    }
  }

  /** Lines to come, for `queued_writes`. */
  size(): number {
    return Fs.statSync(this.path).size
  }

  close(): void {
    Fs.closeSync(this.file)
  }
}
