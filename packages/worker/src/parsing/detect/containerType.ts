import { packageOf } from "../opc/openPackage.ts"
import { ParseFailure } from "../Parser.ts"
import { openZip, type Zip } from "../zip/openZip.ts"

const latin1 = new TextDecoder("latin1")

/**
 * What a zip is, by what is in it: office documents by the type of their main part, EPUB and OpenDocument by their `mimetype` entry.
 * Throws what opening it throws if it was to be one of those; any other damaged zip is a zip.
 */
export const containerType = async (path: string, head: Uint8Array, name: string): Promise<string> => {
  let zip: Zip
  try {
    zip = await openZip(path)
  } catch (error) {
    const start = latin1.decode(head.subarray(0, 4_096))
    const meant = /\[Content_Types\]\.xml|mimetypeapplication\/|_rels\/\.rels/.test(start) ||
      /\.(?:doc|xls|ppt)[xm]$|\.epub$/i.test(name)
    if (error instanceof ParseFailure && error.failure._tag === "Corrupt" && !meant) return "application/zip"
    throw error
  }
  try {
    return await typeOf(zip)
  } finally {
    zip.close()
  }
}

const typeOf = async (zip: Zip): Promise<string> => {
  if (zip.has("mimetype")) {
    const said = latin1.decode(await zip.read("mimetype", 1_024)).trim().toLowerCase()
    if (/^application\/[\w.+-]{1,100}$/.test(said)) return said
  }
  if (zip.has("META-INF/container.xml") && zip.names.some((name) => name.toLowerCase().endsWith(".opf"))) {
    return "application/epub+zip"
  }
  if (zip.names.some((name) => name.toLowerCase() === "[content_types].xml")) {
    const { main, typeOf } = await packageOf(zip)
    return officeType(typeOf(main))
  }
  if (zip.names.some((name) => name.endsWith(".iwa"))) return "application/vnd.apple.iwork"
  if (zip.has("META-INF/MANIFEST.MF")) return "application/java-archive"
  return "application/zip"
}

/** The type of a document by that of its main part: `…document.main+xml` is in a `…document`. */
const officeType = (main: string): string => {
  const macros = /\.(?:macroEnabled|macroEnabledTemplate|macroEnabledSlideshow|binary\.macroEnabled)\.main(?:\+xml)?$/i
  if (macros.test(main)) return `${main.replace(/\.main(?:\+xml)?$/i, "").toLowerCase()}.12`
  const type = main.toLowerCase().replace(/\.main\+xml$|\+xml$/, "")
  return type === "" ? "application/zip" : type
}
