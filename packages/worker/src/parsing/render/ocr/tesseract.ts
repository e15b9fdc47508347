import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { gunzipSync } from "node:zlib"
import type { LanguageData } from "../protocol.ts"
import { type Gray, toPgm } from "./gray.ts"

// Tesseract compiled to WebAssembly. It is called as it is: its usual wrapper starts threads and fetches, and this process has neither.

interface Api {
  readonly Init: (path: null, languages: string, engine: number) => number
  readonly SetVariable: (name: string, value: string) => void
  readonly SetImageFile: (orientation: number, angle: number) => number
  readonly Recognize: (monitor: null) => number
  readonly GetTSVText: () => string
  readonly Clear: () => void
  readonly End: () => void
}

interface Core {
  readonly FS: {
    readonly writeFile: (path: string, bytes: Uint8Array) => void
    readonly unlink: (path: string) => void
  }
  readonly TessBaseAPI: new() => Api
}

/** The engine of neural networks; the data that we have knows no other. */
const neuralNetworks = 1

/** Blocks, columns and lines are found, but not which way up the page is. */
const findBlocks = "3"

let core: Promise<Core> | undefined
let last: { readonly key: string; readonly api: Api } | undefined

/** One build for all machines: the one with other instructions is hardly faster and gives other words here and there. */
const load = (): Promise<Core> => {
  const start = createRequire(import.meta.url)("tesseract.js-core/tesseract-core-simd-lstm.js") as (
    options: object
  ) => Promise<Core>
  return start({ TesseractProgress: () => {}, print: () => {}, printErr: () => {} })
}

const prepare = ({ FS, TessBaseAPI }: Core, languages: ReadonlyArray<LanguageData>): Api => {
  const key = JSON.stringify(languages)
  if (last?.key === key) return last.api
  last?.api.End()
  last = undefined
  for (const { code, path } of languages) FS.writeFile(`${code}.traineddata`, gunzipSync(readFileSync(path)))
  const api = new TessBaseAPI()
  if (api.Init(null, languages.map(({ code }) => code).join("+"), neuralNetworks) !== 0) {
    throw new Error("the language data cannot be read")
  }
  for (const { code } of languages) FS.unlink(`${code}.traineddata`)
  last = { key, api }
  return api
}

/** What is written on a picture, as Tesseract's table. Takes seconds in which nothing else happens in this process. */
export const recogniseGray = async (
  picture: Gray,
  dpi: number,
  languages: ReadonlyArray<LanguageData>
): Promise<string> => {
  const loaded = await (core ??= load())
  const api = prepare(loaded, languages)
  loaded.FS.writeFile("/input", toPgm(picture))
  api.SetVariable("tessedit_pageseg_mode", findBlocks)
  api.SetVariable("user_defined_dpi", String(Math.round(Math.min(2_400, Math.max(70, dpi)))))
  try {
    if (api.SetImageFile(1, 0) !== 0) throw new Error("the picture of the page cannot be read")
    api.Recognize(null)
    return api.GetTSVText()
  } finally {
    api.Clear()
  }
}
