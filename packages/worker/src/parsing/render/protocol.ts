import { Element } from "@sheaf/domain/documents/Element"
import type { Box } from "@sheaf/domain/documents/Element"
import { FailureCause } from "@sheaf/domain/documents/FailureCause"
import { Sha256 } from "@sheaf/domain/ids"
import { Schema } from "effect"
import type { PictureType } from "./RenderJail.ts"

// The host imports types alone from here: it starts without loading Effect.

/** A language that can be read, and where what is known of it lies. */
export interface LanguageData {
  readonly code: string
  readonly path: string
}

/** What a process that draws is told, one JSON line each on its standard input. */
export type RenderRequest =
  & {
    readonly path: string
    readonly password?: string | undefined
    /** Most pixels of one picture. */
    readonly maxPixels: number
  }
  & (
    | { readonly op: "draw"; readonly box: Box; readonly dpi: number; readonly mediaType: PictureType }
    | {
      readonly op: "recognise"
      readonly page: number
      readonly dpi: number
      readonly languages: ReadonlyArray<LanguageData>
    }
  )

/** What it answers. `Done`, `Recognised` and `Failed` end a request; a picture comes as an asset before `Done`. */
export const RenderReply = Schema.TaggedUnion({
  Asset: { hash: Sha256, mediaType: Schema.String, name: Schema.optionalKey(Schema.String), size: Schema.Int },
  AssetPart: { base64: Schema.String },
  Recognised: { blank: Schema.Boolean, elements: Schema.Array(Element), confidence: Schema.Finite },
  Failed: { failure: FailureCause },
  Done: {}
})
export type RenderReply = typeof RenderReply.Type
