import { htmlParser } from "./html/htmlParser.ts"
import { markdownParser } from "./markdown/markdownParser.ts"
import type { Parser } from "./Parser.ts"
import { pdfParser } from "./pdf/pdfParser.ts"
import { textParser } from "./text/textParser.ts"

/** Every format that can be read: a new one is a folder and a line here. */
export const parsers: ReadonlyArray<Parser> = [pdfParser, markdownParser, htmlParser, textParser]
