import { Layer } from "effect"
import { type JailOptions, layer as parserLayer } from "./jail/layer.ts"
import type { ParserJail } from "./jail/ParserJail.ts"
import { layer as renderLayer } from "./render/layer.ts"
import type { LanguageData } from "./render/protocol.ts"
import type { RenderJail } from "./render/RenderJail.ts"

export interface JailsOptions extends JailOptions {
  /** Languages that pages without text are read in. Default none: they are left out. */
  readonly languages?: ReadonlyArray<LanguageData>
}

/** A page is read within a minute of processor time; a busy machine has more, so that those of a unit fit into its ten minutes. */
const pageTime = { cpuTimeMs: 60_000, wallTimeMs: 140_000 }

/** A page of A4 at 300 dpi has 9 million; larger ones are drawn coarser. */
const maxPixels = 16_000_000

const maxMemoryBytes = 1_024 * 1_024 * 1_024

/** The processes of a worker that work on what strangers have sent: those that parse, and as many that draw and read pages. */
export const layer = (options: JailsOptions): Layer.Layer<ParserJail | RenderJail> =>
  Layer.merge(
    parserLayer(options),
    renderLayer({
      ...pageTime,
      processes: options.processes,
      maxMemoryBytes,
      maxOutputBytes: options.maxOutputBytes,
      inputFolders: options.inputFolders,
      maxPixels,
      languages: options.languages ?? []
    })
  )
