import { printable } from "../terminal/style.ts"
import { count } from "../terminal/words.ts"
import type { BatchEvent } from "./Batch.ts"

interface Group {
  readonly hint: string | undefined
  readonly names: Array<string>
}

const shown = 5

/** Files that failed, by their reason: what people need at the end is what to do, once for each kind. */
export class Failures {
  private readonly groups = new Map<string, Group>()

  get size(): number {
    return this.groups.size
  }

  add(event: BatchEvent): void {
    if (event.type !== "failed") return
    const { cause, failure } = event.fate
    const group = this.groups.get(cause) ?? { hint: failure.hint, names: [] }
    group.names.push(event.file.name)
    this.groups.set(cause, group)
  }

  words(): string {
    return [...this.groups].sort(([, a], [, b]) => b.names.length - a.names.length).map(([cause, { hint, names }]) => {
      const listed = names.slice(0, shown).map(printable).join(", ")
      const more = names.length > shown ? `, and ${names.length - shown} more` : ""
      const help = hint === undefined ? "" : `\n  hint: ${hint}`
      return `${cause}, ${count(names.length, "file")}: ${listed}${more}${help}`
    }).join("\n")
  }
}
