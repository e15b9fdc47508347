import { assert, describe, it } from "@effect/vitest"
import type { FailureCause } from "@sheaf/domain/documents/FailureCause"
import { Effect } from "effect"
import * as fc from "fast-check"
import iconv from "iconv-lite"
import { ParseFailure } from "../Parser.ts"
import { xmlLimits } from "./readXml.ts"
import { branches, textOf, treeLimits, type XmlElement, xmlTree } from "./tree.ts"

const inPieces = async function*(bytes: Uint8Array, length = 7): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

const utf8 = (text: string) => new TextEncoder().encode(text)

const read = (content: Uint8Array | string, limits = {}) =>
  Effect.tryPromise({
    try: () =>
      xmlTree(inPieces(typeof content === "string" ? utf8(content) : content, 4_096), { ...treeLimits, ...limits }),
    catch: (error) => {
      if (error instanceof ParseFailure) return error.failure._tag
      throw error
    }
  }).pipe(Effect.catch((tag) => Effect.succeed(tag)))

const escaped = (text: string) => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)

const written = (element: XmlElement): string =>
  `<${element.name} ${
    Object.entries(element.attributes).map(([name, value]) => `${name}="${escaped(value)}"`).join(" ")
  }>${
    element.children.map((node) => typeof node === "string" ? escaped(node) : written(node)).join("")
  }</${element.name}>`

const words = fc.stringMatching(/^[a-zà-ü&<>"' 日本😀]{1,12}$/u)
const leaf = fc.record({
  name: fc.constantFrom("a", "b", "c"),
  attributes: fc.dictionary(fc.constantFrom("x", "y"), words, { noNullPrototype: true }),
  children: fc.array(words, { maxLength: 1 })
})
const node = (below: fc.Arbitrary<XmlElement>) =>
  // One text at most: two beside each other are one to a reader.
  fc.tuple(leaf, fc.array(below, { maxLength: 3 })).map(([{ attributes, children, name }, elements]): XmlElement => ({
    name,
    attributes,
    children: [children, elements].flat()
  }))
const trees = node(node(node(leaf)))

describe("xml", () => {
  it.effect("reads what was written, in pieces of any length", () =>
    Effect.promise(() =>
      fc.assert(fc.asyncProperty(trees, fc.integer({ min: 1, max: 40 }), async (tree, length) => {
        const found = await xmlTree(inPieces(utf8(written(tree)), length))
        assert.deepStrictEqual(found, tree)
      }))
    ))

  it.effect("gives names the prefixes that are usual, and keeps scopes apart", () =>
    Effect.promise(async () => {
      const root = await xmlTree(inPieces(utf8(
        `<x:a xmlns:x="http://schemas.openxmlformats.org/wordprocessingml/2006/main" x:val="1" y="2">` +
          `<p xmlns="http://purl.oclc.org/ooxml/drawingml/main" xmlns:x="urn:other"><x:q/></p><x:z/><b/><u:n/></x:a>`
      )))
      const names = [root, ...root.children as ReadonlyArray<XmlElement>].map(({ name }) => name)
      assert.deepStrictEqual(names, ["w:a", "a:p", "w:z", "b", "?:n"])
      assert.deepStrictEqual(root.attributes["w:val"], "1")
      assert.deepStrictEqual((root.children[0] as XmlElement).children, [{ name: "?:q", attributes: {}, children: [] }])
    }))

  it.effect("reads the encodings that files declare", () =>
    Effect.gen(function*() {
      for (
        const bytes of [
          iconv.encode("<a>Größe</a>", "utf-16le", { addBOM: true }),
          iconv.encode(`<?xml version="1.0" encoding="UTF-16"?><a>Größe</a>`, "utf-16be", { addBOM: true }),
          iconv.encode(`<?xml version="1.0" encoding="ISO-8859-1"?><a>Größe</a>`, "latin1"),
          utf8("\ufeff<a>Größe</a>")
        ]
      ) {
        const tree = yield* read(bytes)
        assert.strictEqual(typeof tree === "string" ? tree : textOf(tree), "Größe")
      }
    }))

  it.effect("hands out branches one after another", () =>
    Effect.promise(async () => {
      const found: Array<string> = []
      const content = utf8("<root><head>h</head> <body><p>1</p><p>2<p>3</p></p></body></root>")
      for await (const branch of branches(inPieces(content), new Set(["root", "body"]))) {
        found.push(`${branch.name} ${textOf(branch)}`)
      }
      assert.deepStrictEqual(found, ["head h", "p 1", "p 23"])
    }))

  const bomb = `<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;</a>`
  const cases: ReadonlyArray<readonly [what: string, content: string, outcome: FailureCause["_tag"]]> = [
    ["entities of its own", bomb, "Corrupt"],
    ["a file outside", `<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>`, "Corrupt"],
    ["an unknown entity", "<a>&nbsp;</a>", "Corrupt"],
    ["100,000 elements within each other", "<a>".repeat(100_000), "Corrupt"],
    ["no end", "<a><b>", "Corrupt"],
    ["no XML", "just words", "Corrupt"],
    ["nothing", "", "Corrupt"]
  ]
  for (const [what, content, outcome] of cases) {
    it.effect(`answers ${outcome} to ${what}`, () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* read(content), outcome)
      }))
  }

  it.effect("bounds pieces and trees", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* read(`<a>${"x".repeat(30_000)}</a>`, { ...xmlLimits, pieceLength: 10_000 }), "TooLarge")
      assert.strictEqual(
        yield* read(`<a b="${"x".repeat(30_000)}"/>`, { ...xmlLimits, pieceLength: 10_000 }),
        "TooLarge"
      )
      assert.strictEqual(yield* read(`<a>${"<b/>".repeat(30)}</a>`, { nodes: 30 }), "TooLarge")
    }))

  it.effect("passes over a declaration that names a file outside", () =>
    Effect.gen(function*() {
      const tree = yield* read(`<!DOCTYPE a PUBLIC "x" "http://localhost:1/a.dtd"><a>x</a>`)
      assert.strictEqual(typeof tree === "string" ? tree : textOf(tree), "x")
    }))
})
