import type { Parser } from "./Parser.ts"

/** A format and where its parser is. It is loaded with the first document that needs it: a process of the jail starts with none. */
export interface Format {
  readonly mediaTypes: ReadonlyArray<string>
  readonly load: () => Promise<Parser>
}

/** Every format that can be read: a new one is a folder and a line here. */
export const formats: ReadonlyArray<Format> = [
  { mediaTypes: ["application/pdf"], load: async () => (await import("./pdf/pdfParser.ts")).pdfParser },
  { mediaTypes: ["text/markdown"], load: async () => (await import("./markdown/markdownParser.ts")).markdownParser },
  {
    mediaTypes: ["text/html", "application/xhtml+xml"],
    load: async () => (await import("./html/htmlParser.ts")).htmlParser
  },
  {
    mediaTypes: ["text/csv", "text/tab-separated-values"],
    load: async () => (await import("./csv/csvParser.ts")).csvParser
  },
  { mediaTypes: ["application/json"], load: async () => (await import("./json/jsonParser.ts")).jsonParser },
  {
    mediaTypes: ["application/x-ndjson", "application/jsonl"],
    load: async () => (await import("./json/jsonLinesParser.ts")).jsonLinesParser
  },
  {
    mediaTypes: ["application/vnd.sheaf.notion+ndjson"],
    load: async () => (await import("./notion/notionParser.ts")).notionParser
  },
  { mediaTypes: ["message/rfc822"], load: async () => (await import("./eml/emlParser.ts")).emlParser },
  {
    mediaTypes: [
      "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
      "application/vnd.openxmlformats-officedocument.wordprocessingml.template",
      "application/vnd.ms-word.document.macroenabled.12",
      "application/vnd.ms-word.template.macroenabledtemplate.12"
    ],
    load: async () => (await import("./docx/docxParser.ts")).docxParser
  },
  {
    mediaTypes: [
      "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
      "application/vnd.openxmlformats-officedocument.spreadsheetml.template",
      "application/vnd.ms-excel.sheet.macroenabled.12",
      "application/vnd.ms-excel.template.macroenabled.12"
    ],
    load: async () => (await import("./xlsx/xlsxParser.ts")).xlsxParser
  },
  {
    mediaTypes: ["application/epub+zip"],
    load: async () => (await import("./epub/epubParser.ts")).epubParser
  },
  {
    mediaTypes: [
      "application/vnd.openxmlformats-officedocument.presentationml.presentation",
      "application/vnd.openxmlformats-officedocument.presentationml.slideshow",
      "application/vnd.openxmlformats-officedocument.presentationml.template",
      "application/vnd.ms-powerpoint.presentation.macroenabled.12",
      "application/vnd.ms-powerpoint.slideshow.macroenabled.12",
      "application/vnd.ms-powerpoint.template.macroenabled.12"
    ],
    load: async () => (await import("./pptx/pptxParser.ts")).pptxParser
  },
  { mediaTypes: ["text/plain"], load: async () => (await import("./text/textParser.ts")).textParser }
]

/** The parser for a media type, if there is one. */
export const parserFor = async (mediaType: string): Promise<Parser | undefined> =>
  formats.find(({ mediaTypes }) => mediaTypes.includes(mediaType))?.load()
