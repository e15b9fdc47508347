/** Namespaces whose names are asked for, under the prefix that everybody uses; what a file itself calls them does not matter. */
const prefixes: ReadonlyMap<string, string> = new Map([
  ["http://www.w3.org/XML/1998/namespace", "xml"],
  // ISO/IEC 29500 in its two forms: transitional, which programs write, and strict.
  ...both("wordprocessingml/main", "w"),
  ...both("spreadsheetml/main", "x"),
  ...both("presentationml/main", "p"),
  ...both("drawingml/main", "a"),
  ...both("drawingml/chart", "c"),
  ...both("drawingml/diagram", "dgm"),
  ...both("drawingml/picture", "pic"),
  ...both("drawingml/wordprocessingDrawing", "wp"),
  ...both("drawingml/spreadsheetDrawing", "xdr"),
  ...both("officeDocument/relationships", "r"),
  ...both("officeDocument/math", "m"),
  ["http://schemas.openxmlformats.org/package/2006/relationships", "rel"],
  ["http://schemas.openxmlformats.org/package/2006/content-types", "ct"],
  ["http://schemas.openxmlformats.org/package/2006/metadata/core-properties", "cp"],
  ["http://schemas.openxmlformats.org/markup-compatibility/2006", "mc"],
  ["http://schemas.microsoft.com/office/word/2010/wordprocessingShape", "wps"],
  ["http://schemas.microsoft.com/office/word/2010/wordml", "w14"],
  ["http://schemas.microsoft.com/office/drawing/2010/main", "a14"],
  ["urn:schemas-microsoft-com:vml", "v"],
  ["urn:schemas-microsoft-com:office:office", "o"],
  // EPUB
  ["urn:oasis:names:tc:opendocument:xmlns:container", "container"],
  ["http://www.idpf.org/2007/opf", "opf"],
  ["http://www.daisy.org/z3986/2005/ncx/", "ncx"],
  ["http://purl.org/dc/elements/1.1/", "dc"],
  ["http://www.w3.org/1999/xhtml", "html"],
  ["http://www.idpf.org/2007/ops", "epub"]
])

function both(path: string, prefix: string): ReadonlyArray<readonly [string, string]> {
  const [family = "", part = ""] = path.split("/")
  return [
    [`http://schemas.openxmlformats.org/${family}/2006/${part}`, prefix],
    [`http://purl.oclc.org/ooxml/${family}/${part}`, prefix]
  ]
}

type Scope = ReadonlyMap<string, string>

/** Gives names their usual prefixes while a file is read: `w:p`, whatever the file declares. Names of other namespaces begin with `?:`. */
export class Names {
  #scopes: Array<Scope> = [new Map([["xml", "xml"]])]
  #known = new Map<string, string>()

  /** An element begins: its declarations hold from here. */
  open(attributes: Readonly<Record<string, string>>): void {
    const outer = this.#scopes.at(-1)!
    let inner: Map<string, string> | undefined
    for (const name in attributes) {
      if (name !== "xmlns" && !name.startsWith("xmlns:")) continue
      inner ??= new Map(outer)
      inner.set(name.slice(6), prefixes.get(attributes[name]!) ?? "?")
    }
    if (inner !== undefined) this.#known = new Map()
    this.#scopes.push(inner ?? outer)
  }

  element(name: string): string {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const colon = name.indexOf(":")
    const prefix = this.#scopes.at(-1)!.get(colon < 0 ? "" : name.slice(0, colon))
    const full = prefix === undefined && colon < 0 ? name : `${prefix ?? "?"}:${name.slice(colon + 1)}`
    this.#known.set(name, full)
    return full
  }

  /** Attributes without a prefix are in no namespace. */
  attribute(name: string): string {
    return name.includes(":") ? this.element(name) : name
  }

  close(): void {
    const closed = this.#scopes.pop()
    if (closed !== this.#scopes.at(-1)) this.#known = new Map()
  }
}
