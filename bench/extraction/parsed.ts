import type { Element } from "@sheaf/domain/documents/Element"
import { hashOf } from "@sheaf/worker/parsing/jail/assets"
import { detect } from "@sheaf/worker/parsing/detect/detect"
import { parserFor } from "@sheaf/worker/parsing/parsers"
import { tidy } from "@sheaf/worker/parsing/tidy"
import { Effect } from "effect"

/** The elements of a file, as the pipeline gets them but without the jail around the parser. */
export const elementsOf = (path: string): Effect.Effect<ReadonlyArray<Element>> =>
  Effect.promise(async () => {
    const mediaType = await detect(path, path)
    const parser = await parserFor(mediaType)
    if (parser === undefined) throw new Error(`no parser for ${mediaType}: ${path}`)
    const output = { warn: () => {}, asset: ({ bytes }: { bytes: Uint8Array }) => Promise.resolve(hashOf(bytes)) }
    const elements: Array<Element> = []
    for await (const raw of parser.parse({ path, mediaType, name: path }, null, output)) elements.push(...tidy(raw))
    return elements
  })

/** What elements say, one a paragraph. */
export const textOf = (elements: ReadonlyArray<Element>): string => elements.map(({ text }) => text).join("\n\n")
