import { ParseFailure } from "../Parser.ts"
import { feedXml, type XmlLimits, xmlLimits } from "./readXml.ts"

/** A part of a file as a tree. Text stands between elements as it is written. */
export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: ReadonlyArray<XmlElement | string>
}

export interface TreeLimits extends XmlLimits {
  /** Elements and texts of one tree. */
  readonly nodes: number
}

export const treeLimits: TreeLimits = { ...xmlLimits, nodes: 1_000_000 }

type Growing = {
  readonly name: string
  readonly attributes: XmlElement["attributes"]
  readonly children: Array<XmlElement | string>
}

/**
 * The elements right below `frames`, each as a tree, as soon as it has been read: of a long file only one is in memory at a time.
 * `frames` are the elements that hold others and are not themselves asked for, from the root on.
 */
export const branches = async function*(
  bytes: AsyncIterable<Uint8Array>,
  frames: ReadonlySet<string>,
  limits: TreeLimits = treeLimits
): AsyncGenerator<XmlElement> {
  const open: Array<Growing> = []
  let ready: Array<XmlElement> = []
  let nodes = 0
  const count = () => {
    if (++nodes > limits.nodes) {
      throw new ParseFailure({
        _tag: "TooLarge",
        what: "nodes of XML in one block",
        limit: limits.nodes,
        actual: nodes
      })
    }
  }
  const reader = {
    open: (name: string, attributes: XmlElement["attributes"]) => {
      if (open.length === 0 && frames.has(name)) return
      count()
      const element: Growing = { name, attributes, children: [] }
      open.at(-1)?.children.push(element)
      open.push(element)
    },
    text: (text: string) => {
      if (open.length === 0) return
      count()
      open.at(-1)!.children.push(text)
    },
    close: () => {
      const closed = open.pop()
      if (closed === undefined || open.length > 0) return
      nodes = 0
      ready.push(closed)
    }
  }
  for await (const _ of feedXml(bytes, reader, limits)) {
    const trees = ready
    ready = []
    yield* trees
  }
}

/** A whole file as a tree. For parts that are short by nature; `Corrupt` when there is nothing in it. */
export const xmlTree = async (
  bytes: AsyncIterable<Uint8Array>,
  limits: TreeLimits = treeLimits
): Promise<XmlElement> => {
  let root: XmlElement | undefined
  for await (const branch of branches(bytes, new Set(), limits)) root ??= branch
  if (root === undefined) throw new ParseFailure({ _tag: "Corrupt", detail: "a part of it is empty" })
  return root
}

const isElement = (node: XmlElement | string): node is XmlElement => typeof node !== "string"

export const elementsOf = (element: XmlElement): ReadonlyArray<XmlElement> => element.children.filter(isElement)

/** The first child of a name. */
export const child = (element: XmlElement | undefined, name: string): XmlElement | undefined =>
  element?.children.find((node): node is XmlElement => isElement(node) && node.name === name)

/** Children of a name. */
export const childrenOf = (element: XmlElement | undefined, name: string): ReadonlyArray<XmlElement> =>
  element?.children.filter((node): node is XmlElement => isElement(node) && node.name === name) ?? []

/** What stands below, at any depth, in its order; what is found is not looked into. */
export const descendants = function*(element: XmlElement, ...names: ReadonlyArray<string>): Generator<XmlElement> {
  for (const node of elementsOf(element)) {
    if (names.includes(node.name)) yield node
    else yield* descendants(node, ...names)
  }
}

/** All text below. */
export const textOf = (element: XmlElement | undefined): string =>
  element?.children.map((node) => isElement(node) ? textOf(node) : node).join("") ?? ""
