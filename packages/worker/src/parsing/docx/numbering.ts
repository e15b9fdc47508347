import { numeral } from "../opc/markers.ts"
import { child, childrenOf, type XmlElement } from "../xml/tree.ts"
import type { NumberingRef, Styles } from "./styles.ts"

interface Level {
  readonly start: number
  readonly format: string
  /** With `%1` to `%9` for the numbers of the levels. */
  readonly text: string
}

interface Definition {
  /** Lists of the same kind count on where the one before has ended. */
  readonly counters: Array<number>
  readonly levels: ReadonlyMap<number, Level>
}

interface List {
  readonly definition: Definition
  readonly levels: ReadonlyMap<number, Level>
  /** Levels that begin anew with this list, and at what. */
  readonly restarts: ReadonlyMap<number, number>
  begun: boolean
}

const usual: Level = { start: 1, format: "decimal", text: "" }

/** Counts paragraphs of lists as the program would: what is asked for later depends on what was asked for before. */
export class Numbering {
  readonly #lists = new Map<string, List>()

  constructor(root: XmlElement | null, styles: Styles) {
    const abstracts = new Map(
      childrenOf(root ?? undefined, "w:abstractNum").map((each) => [each.attributes["w:abstractNumId"] ?? "", each])
    )
    const definitions = new Map<string, Definition>()
    const numbers = new Map(
      childrenOf(root ?? undefined, "w:num").map((each) => [each.attributes["w:numId"] ?? "", each])
    )
    const abstractOf = (number: XmlElement): string => {
      const id = child(number, "w:abstractNumId")?.attributes["w:val"] ?? ""
      const link = child(abstracts.get(id), "w:numStyleLink")?.attributes["w:val"]
      const linked = link === undefined ? undefined : numbers.get(styles.of(link).numbering?.id ?? "")
      return linked === undefined ? id : child(linked, "w:abstractNumId")?.attributes["w:val"] ?? id
    }
    for (const [id, number] of numbers) {
      const abstract = abstractOf(number)
      const definition = definitions.get(abstract) ??
        { counters: [], levels: levelsOf(childrenOf(abstracts.get(abstract), "w:lvl")) }
      definitions.set(abstract, definition)
      const overrides = childrenOf(number, "w:lvlOverride")
      this.#lists.set(id, {
        definition,
        levels: new Map([...definition.levels, ...levelsOf(overrides.flatMap((each) => childrenOf(each, "w:lvl")))]),
        restarts: new Map(
          overrides.flatMap((each) => {
            const start = child(each, "w:startOverride")?.attributes["w:val"]
            return start === undefined ? [] : [[Number(each.attributes["w:ilvl"] ?? 0), Number(start) || 0] as const]
          })
        ),
        begun: false
      })
    }
  }

  /** What stands before the next paragraph of a list: `-` for every bullet; empty where the list shows nothing. */
  next({ id, level }: NumberingRef): string {
    const list = this.#lists.get(id)
    if (list === undefined) return "-"
    const { counters } = list.definition
    if (!list.begun) {
      list.begun = true
      for (const [at, start] of list.restarts) counters[at] = start - 1
    }
    const levelAt = (at: number) => list.levels.get(at) ?? usual
    counters[level] = (counters[level] ?? levelAt(level).start - 1) + 1
    counters.length = level + 1
    const { format, text } = levelAt(level)
    if (format === "bullet") return "-"
    return text.replace(/%([1-9])/g, (_, digit: string) => {
      const at = Number(digit) - 1
      return numeral(counters[at] ?? levelAt(at).start, levelAt(at).format)
    }).trim()
  }
}

const levelsOf = (levels: ReadonlyArray<XmlElement>): ReadonlyMap<number, Level> =>
  new Map(
    levels.map((level) => {
      const value = (name: string) => child(level, name)?.attributes["w:val"]
      return [Number(level.attributes["w:ilvl"] ?? 0), {
        start: Number(value("w:start") ?? 1) || 0,
        format: value("w:numFmt") ?? "decimal",
        text: value("w:lvlText") ?? ""
      }]
    })
  )
