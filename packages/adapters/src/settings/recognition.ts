import { Option } from "effect"
import type { Reader } from "./Reader.ts"
import { type Kind, variable } from "./Variable.ts"

/** How pages without text are read. */
export interface RecognitionSettings {
  /** Codes of ISO 639-2, the likeliest first; none: such pages are left out. */
  readonly languages: ReadonlyArray<string>
}

const codes: Kind<ReadonlyArray<string>> = {
  name: "`none`, or language codes with commas, like `eng,deu`",
  parse: (text) => {
    const parts = text === "none" ? [] : text.split(",").map((part) => part.trim())
    return parts.every((part) => /^[a-z]{3}(?:_[a-z]+)?$/.test(part)) ? Option.some(parts) : Option.none()
  }
}

const languages = {
  ...variable(
    "SHEAF_OCR_LANGUAGES",
    codes,
    "Languages in which pages of PDFs without text (scans) are read, the likeliest first; each makes it slower. Codes as Tesseract has them: English comes along, any other is installed with `npm install @tesseract.js-data/<code>`. `none`: such pages are left out."
  ),
  default: "eng"
}

export const variables = [languages]

export const read = (reader: Reader): RecognitionSettings => ({ languages: reader.get(languages) })
