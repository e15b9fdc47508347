import { OPS } from "pdfjs-dist/legacy/build/pdf.mjs"
import type { Matrix } from "./matrix.ts"

/** A straight line on the displayed page that runs across or upright, in points from the upper left. */
export interface Rule {
  readonly across: boolean
  /** Its height on the page, or for an upright one its distance from the left. */
  readonly at: number
  readonly from: number
  readonly to: number
}

/** Operators of paths, as the library numbers them; it does not name them to others. */
const DrawOPS = { moveTo: 0, lineTo: 1, curveTo: 2, quadraticCurveTo: 3, closePath: 4 } as const

const maxRules = 6_000
/** Thicker bars are areas, not lines; shorter lines are decoration. In points. */
const maxThickness = 3.5
const minLength = 4
const straight = 0.6

/** Collects what is drawn as lines: strokes that run across or upright, the sides of stroked boxes, and bars that are filled. */
export class RuleCollector {
  readonly #width: number
  readonly #height: number
  readonly #rules: Array<Rule> = []

  constructor(width: number, height: number) {
    this.#width = width
    this.#height = height
  }

  rules(): ReadonlyArray<Rule> {
    return this.#rules
  }

  /** A path as the library gives it: numbers for moves and lines, and what is done with them in the end. */
  add(paint: number, path: unknown, matrix: Matrix): void {
    const strokes = strokeOps.has(paint)
    if (!strokes && !fillOps.has(paint) || !(path instanceof Float32Array) || this.#rules.length >= maxRules) return
    let shape: Array<readonly [number, number]> = []
    const end = () => {
      if (strokes) this.#stroke(shape)
      else this.#fill(shape)
      shape = []
    }
    for (let at = 0; at < path.length;) {
      const operator = path[at]!
      if (operator === DrawOPS.moveTo) end()
      if (operator === DrawOPS.closePath && shape.length > 1) shape.push(shape[0]!)
      const length = lengths[operator]
      if (length === undefined) return
      if (length > 0) {
        const [x, y] = [path[at + length - 1]!, path[at + length]!]
        const point = [
          matrix[0] * x + matrix[2] * y + matrix[4],
          matrix[1] * x + matrix[3] * y + matrix[5]
        ] as const
        // A curve ends a straight shape: what follows begins behind it.
        if (operator === DrawOPS.curveTo || operator === DrawOPS.quadraticCurveTo) end()
        shape.push(point)
      }
      at += 1 + length
    }
    end()
  }

  #stroke(points: ReadonlyArray<readonly [number, number]>): void {
    for (let at = 1; at < points.length; at++) {
      const [[x0, y0], [x1, y1]] = [points[at - 1]!, points[at]!]
      if (Math.abs(y0 - y1) < straight) this.#push(true, (y0 + y1) / 2, x0, x1)
      else if (Math.abs(x0 - x1) < straight) this.#push(false, (x0 + x1) / 2, y0, y1)
    }
  }

  #fill(points: ReadonlyArray<readonly [number, number]>): void {
    if (points.length < 4 || points.length > 6) return
    const [x0, x1, y0, y1] = [
      Math.min(...points.map(([x]) => x)),
      Math.max(...points.map(([x]) => x)),
      Math.min(...points.map(([, y]) => y)),
      Math.max(...points.map(([, y]) => y))
    ]
    if (y1 - y0 <= maxThickness && x1 - x0 > 2 * (y1 - y0)) this.#push(true, (y0 + y1) / 2, x0, x1)
    else if (x1 - x0 <= maxThickness && y1 - y0 > 2 * (x1 - x0)) this.#push(false, (x0 + x1) / 2, y0, y1)
  }

  #push(across: boolean, at: number, a: number, b: number): void {
    const [from, to] = [Math.max(0, Math.min(a, b)), Math.min(across ? this.#width : this.#height, Math.max(a, b))]
    const inside = at > -1 && at < (across ? this.#height : this.#width) + 1
    if (inside && to - from >= minLength && this.#rules.length < maxRules) this.#rules.push({ across, at, from, to })
  }
}

const strokeOps: ReadonlySet<number> = new Set([
  OPS.stroke,
  OPS.closeStroke,
  OPS.fillStroke,
  OPS.eoFillStroke,
  OPS.closeFillStroke,
  OPS.closeEOFillStroke
])
const fillOps: ReadonlySet<number> = new Set([OPS.fill, OPS.eoFill])

/** How many numbers follow each operator of a path. */
const lengths: Readonly<Record<number, number>> = {
  [DrawOPS.moveTo]: 2,
  [DrawOPS.lineTo]: 2,
  [DrawOPS.curveTo]: 6,
  [DrawOPS.quadraticCurveTo]: 4,
  [DrawOPS.closePath]: 0
}
