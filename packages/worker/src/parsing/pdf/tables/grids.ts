import type { Rule } from "../content/rules.ts"

/** Cells that drawn lines make. `xs` and `ys` are where lines stand; a cell over several rows or columns is named by its first. */
export interface Grid {
  readonly xs: ReadonlyArray<number>
  readonly ys: ReadonlyArray<number>
  /** For each row and column the cell it belongs to, as `row * columns + column` of that cell's upper left corner. */
  readonly owners: ReadonlyArray<ReadonlyArray<number>>
}

/** Lines nearer than this are one; and lines meet that miss each other by no more. In points. */
const near = 2.5
const reach = 4
/** Larger drawings (maps, charts) are no tables. */
const maxLines = 400

/** The grids among the lines of a page: those that cross each other, with two columns and two rows at least. */
export const gridsOf = (rules: ReadonlyArray<Rule>): ReadonlyArray<Grid> => {
  const across = merged(rules.filter((rule) => rule.across))
  const upright = merged(rules.filter((rule) => !rule.across))
  if (across.length < 2 || upright.length === 0 || across.length + upright.length > 4 * maxLines) return []
  const groups = connected(across, upright)
  return groups.flatMap((group) => {
    const grid = gridOf(group.across, group.upright)
    return grid === null ? [] : [grid]
  })
}

/** The same grid with more columns, which nobody has drawn: each is parted at one of these places, in every row. */
export const withColumns = (grid: Grid, at: ReadonlyArray<number>): Grid => {
  if (at.length === 0) return grid
  const xs = [...grid.xs, ...at].sort((a, b) => a - b)
  const columns = xs.length - 1
  // A cell stays one where it went over several columns before.
  const owners = grid.owners.map((row) =>
    xs.slice(1).map((x, column) => {
      const before = Math.max(0, grid.xs.findLastIndex((edge) => edge <= xs[column]!))
      const owner = row[before]!
      const [ownerRow, ownerColumn] = [Math.floor(owner / (grid.xs.length - 1)), owner % (grid.xs.length - 1)]
      const wide = row.filter((other) => other === owner).length > 1
      return ownerRow * columns + (wide ? xs.indexOf(grid.xs[ownerColumn]!) : xs.indexOf(x) - 1)
    })
  )
  return { xs, ys: grid.ys, owners }
}

/** The same grid with one more column, from `at` to where it began. */
export const withLeft = ({ owners, xs, ys }: Grid, at: number): Grid => {
  const columns = xs.length
  return {
    xs: [at, ...xs],
    ys,
    owners: owners.map((row, number) => [
      number * columns,
      ...row.map((owner) => Math.floor(owner / (columns - 1)) * columns + owner % (columns - 1) + 1)
    ])
  }
}

/** Pieces of one line as one line. */
const merged = (rules: ReadonlyArray<Rule>): ReadonlyArray<Rule> => {
  const result: Array<Rule> = []
  for (const rule of rules.toSorted((a, b) => a.at - b.at || a.from - b.from)) {
    const at = result.findLastIndex((other) =>
      rule.at - other.at < near && rule.from <= other.to + reach && rule.to >= other.from - reach
    )
    const found = result[at]
    if (found === undefined) result.push(rule)
    else result[at] = { ...found, from: Math.min(found.from, rule.from), to: Math.max(found.to, rule.to) }
  }
  return result
}

interface Crossing {
  readonly across: Array<Rule>
  readonly upright: Array<Rule>
}

/** Lines that are joined by crossings. */
const connected = (across: ReadonlyArray<Rule>, upright: ReadonlyArray<Rule>): ReadonlyArray<Crossing> => {
  const all = [...across, ...upright]
  const parents = all.map((_, at) => at)
  const root = (at: number): number => {
    let found = at
    while (parents[found] !== found) found = parents[found] = parents[parents[found]!]!
    return found
  }
  for (const [at, line] of across.entries()) {
    for (const [other, post] of upright.entries()) {
      if (meet(line, post)) parents[root(across.length + other)] = root(at)
    }
  }
  const groups = new Map<number, Crossing>()
  for (const [at, rule] of all.entries()) {
    const group = groups.get(root(at)) ?? { across: [], upright: [] }
    groups.set(root(at), group)
    group[rule.across ? "across" : "upright"].push(rule)
  }
  return [...groups.values()]
}

const meet = (line: Rule, post: Rule): boolean =>
  line.from - reach <= post.at && post.at <= line.to + reach && post.from - reach <= line.at &&
  line.at <= post.to + reach

const gridOf = (across: ReadonlyArray<Rule>, upright: ReadonlyArray<Rule>): Grid | null => {
  const xs = withEnds(places(upright), across)
  const ys = withEnds(places(across), upright)
  const [columns, rows] = [xs.length - 1, ys.length - 1]
  if (columns < 2 || rows < 2 || columns > 60 || rows > maxLines) return null
  const isSplit = (lines: ReadonlyArray<Rule>, at: number, middle: number): boolean =>
    lines.some((line) => Math.abs(line.at - at) < near && line.from - near <= middle && middle <= line.to + near)
  const owners = ys.slice(1).map(() => xs.slice(1).map(() => -1))
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (owners[row]![column] !== -1) continue
      const middle = (ys[row]! + ys[row + 1]!) / 2
      let right = column + 1
      while (right < columns && owners[row]![right] === -1 && !isSplit(upright, xs[right]!, middle)) right++
      let down = row + 1
      while (
        down < rows &&
        xs.slice(column, right).every((x, at) => !isSplit(across, ys[down]!, (x + xs[column + at + 1]!) / 2))
      ) down++
      for (let y = row; y < down; y++) owners[y]!.fill(row * columns + column, column, right)
    }
  }
  return { xs, ys, owners }
}

/** A table may be open at its sides: there the lines that run the other way end. */
const withEnds = (at: ReadonlyArray<number>, others: ReadonlyArray<Rule>): ReadonlyArray<number> => {
  if (at.length === 0) return at
  const common = (ends: ReadonlyArray<number>): number | null => {
    const middle = ends.toSorted((a, b) => a - b)[ends.length >> 1]
    return middle !== undefined && ends.filter((end) => Math.abs(end - middle) < near).length > 1 ? middle : null
  }
  const [first, last] = [common(others.map(({ from }) => from)), common(others.map(({ to }) => to))]
  return [
    ...(first !== null && first < at[0]! - 2 * reach ? [first] : []),
    ...at,
    ...(last !== null && last > at.at(-1)! + 2 * reach ? [last] : [])
  ]
}

/** Where lines stand, those that are nearly one as one. */
const places = (rules: ReadonlyArray<Rule>): ReadonlyArray<number> => {
  const found: Array<number> = []
  for (const at of rules.map((rule) => rule.at).sort((a, b) => a - b)) {
    if (found.length === 0 || at - found.at(-1)! >= near) found.push(at)
  }
  return found
}
