import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { LanguageData } from "../protocol.ts"

/** The data of languages, each from an npm package of its own, and the packages of those that are not installed. */
export const languageData = (
  codes: ReadonlyArray<string>
): { readonly found: ReadonlyArray<LanguageData>; readonly missing: ReadonlyArray<string> } => {
  const looked = codes.map((code) => ({ code, path: pathOf(code) }))
  return {
    found: looked.flatMap(({ code, path }) => path === undefined ? [] : [{ code, path }]),
    missing: looked.flatMap(({ code, path }) => path === undefined ? [packageOf(code)] : [])
  }
}

const packageOf = (code: string) => `@tesseract.js-data/${code}`

const pathOf = (code: string): string | undefined => {
  try {
    const root = fileURLToPath(import.meta.resolve(packageOf(code)))
    const path = `${root.slice(0, root.lastIndexOf("/"))}/4.0.0_best_int/${code}.traineddata.gz`
    return existsSync(path) ? path : undefined
  } catch {
    return undefined
  }
}
