import { zipOfFiles } from "../zip/testZip.ts"

// For tests: packages of office programs from their parts.

export interface TestPart {
  readonly type?: string
  readonly content: string | Uint8Array
  /** Id, kind and target of what it refers to; targets with a scheme lie outside. */
  readonly refers?: ReadonlyArray<readonly [id: string, kind: string, target: string]>
}

const relationshipTypes = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

const relationships = (refers: NonNullable<TestPart["refers"]>): string =>
  `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${
    refers.map(([id, kind, target]) =>
      `<Relationship Id="${id}" Type="${relationshipTypes}/${kind}" Target="${target}"${
        /^[a-z]+:/.test(target) ? ` TargetMode="External"` : ""
      }/>`
    ).join("")
  }</Relationships>`

/** The bytes of a package; the first part is the one that the document begins with. */
export const packageBytes = (parts: Readonly<Record<string, TestPart>>): Uint8Array => {
  const files: Record<string, string | Uint8Array> = {
    "[Content_Types].xml":
      `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/>${
        Object.entries(parts).flatMap(([name, { type }]) =>
          type === undefined ? [] : [`<Override PartName="/${name}" ContentType="${type}"/>`]
        ).join("")
      }</Types>`,
    "_rels/.rels": relationships([["main", "officeDocument", Object.keys(parts)[0]!]])
  }
  for (const [name, { content, refers = [] }] of Object.entries(parts)) {
    files[name] = content
    const at = name.lastIndexOf("/") + 1
    if (refers.length > 0) files[`${name.slice(0, at)}_rels/${name.slice(at)}.rels`] = relationships(refers)
  }
  return zipOfFiles(files)
}

/** Namespaces under their usual prefixes, for the root of a part. */
export const namespaces = [
  ["w", "wordprocessingml/2006/main"],
  ["p", "presentationml/2006/main"],
  ["a", "drawingml/2006/main"],
  ["c", "drawingml/2006/chart"],
  ["wp", "drawingml/2006/wordprocessingDrawing"],
  ["r", "officeDocument/2006/relationships"],
  ["m", "officeDocument/2006/math"]
].map(([prefix, path]) => `xmlns:${prefix}="http://schemas.openxmlformats.org/${path}"`).join(" ") +
  ` xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"` +
  ` xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" xmlns:v="urn:schemas-microsoft-com:vml"`

/** Bytes that pass for a picture. */
export const somePicture = Uint8Array.from({ length: 200 }, (_, at) => at)
