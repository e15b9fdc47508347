import type { Element } from "@sheaf/domain/documents/Element"
import { Effect, type Scope } from "effect"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { detect } from "./detect/detect.ts"
import { hashOf } from "./jail/assets.ts"
import { type FoundAsset, type PageRange, ParseFailure, type ParseWarning } from "./Parser.ts"
import { parserFor } from "./parsers.ts"
import { tidy } from "./tidy.ts"

// For tests: files that live as long as a scope, and parsing without the jail.

export const temporaryFolder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "sheaf-parsing-"))),
  (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true }))
)

/** The path of a new file with this content. */
export const temporaryFile = Effect.fnUntraced(function*(content: string | Uint8Array, name = "file") {
  const path = join(yield* temporaryFolder, name)
  yield* Effect.promise(() => writeFile(path, content))
  return path
})

export interface Parsed {
  readonly mediaType: string
  readonly pages: number
  readonly elements: ReadonlyArray<Element>
  readonly warnings: ReadonlyArray<ParseWarning>
  readonly assets: ReadonlyArray<FoundAsset>
}

/** What the jail's host would answer: the parse, or the failure that the content is to blame for. `as` says what it is instead of looking. */
export const parseContent = Effect.fnUntraced(
  function*(
    content: string | Uint8Array,
    name: string,
    options: { range?: PageRange; password?: string; as?: string } = {}
  ) {
    const path = yield* temporaryFile(content)
    return yield* Effect.tryPromise({
      try: async (): Promise<Parsed> => {
        const mediaType = options.as ?? await detect(path, name)
        const parser = await parserFor(mediaType)
        if (parser === undefined) throw new ParseFailure({ _tag: "Unsupported", detectedType: mediaType })
        const input = { path, name, mediaType, password: options.password }
        const { pages } = await parser.inspect(input)
        const elements: Array<Element> = []
        const warnings: Array<ParseWarning> = []
        const assets: Array<FoundAsset> = []
        const output = {
          warn: (warning: ParseWarning) => void warnings.push(warning),
          asset: (asset: FoundAsset) => {
            assets.push(asset)
            return Promise.resolve(hashOf(asset.bytes))
          }
        }
        for await (const raw of parser.parse(input, options.range ?? null, output)) {
          elements.push(...tidy(raw))
        }
        return { mediaType, pages, elements, warnings, assets }
      },
      catch: (error) => {
        if (error instanceof ParseFailure) return error
        throw error
      }
    })
  },
  Effect.scoped
)

/** Elements as short lines: kind, level and text. */
export const outline = ({ elements }: Parsed): ReadonlyArray<string> =>
  elements.map(({ kind, level, text }) => `${kind}${level ?? ""}: ${text}`)
