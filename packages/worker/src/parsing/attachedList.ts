import type { AssetRef, Element } from "@sheaf/domain/documents/Element"
import type { ParseOutput } from "./Parser.ts"

/** A file within a document. */
export interface Attached {
  readonly name: string
  readonly mediaType: string
  /** Null where it cannot be read. */
  readonly read: () => Promise<Uint8Array | null>
}

/** Attached files of one document that are handed out. */
const maxAttachments = 100

/** Bytes of one. */
const maxBytes = 64 * 1_024 * 1_024

/** The files as one list, whose text are their names: it finds them. Nothing where there are none. */
export const attachedList = async function*(
  all: ReadonlyArray<Attached>,
  { asset, warn }: ParseOutput,
  boxes: Element["boxes"] = []
): AsyncGenerator<Element> {
  const assets: Array<AssetRef> = []
  const lines: Array<string> = []
  const page = boxes[0]?.page ?? null
  for (const { mediaType, name, read } of all.slice(0, maxAttachments)) {
    const bytes = await read()
    if (bytes === null || bytes.length > maxBytes) {
      const why = bytes === null ? "could not be read" : `is larger than ${maxBytes} bytes`
      warn({ page, detail: `the attached file ${name.slice(0, 100)} ${why}` })
      continue
    }
    if (bytes.length === 0) continue
    assets.push({ hash: await asset({ bytes, mediaType, name }), role: "attachment" })
    lines.push(`- ${name} (${sizeText(bytes.length)})`)
  }
  if (lines.length > 0) yield { kind: "list", text: ["Attachments:", ...lines].join("\n"), boxes, assets }
  if (all.length > maxAttachments) {
    warn({
      page,
      detail: `${all.length - maxAttachments} attachments beyond the first ${maxAttachments} were left out`
    })
  }
}

const sizeText = (bytes: number): string => {
  if (bytes < 1_000) return `${bytes} B`
  return bytes < 1_000_000 ? `${Math.round(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}
