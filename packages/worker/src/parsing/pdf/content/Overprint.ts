import type { TextRun } from "../text/pageText.ts"

/** A run, with the letters that it is made of and where each begins; blanks between words are letters as well. */
export interface Printed {
  readonly run: TextRun
  readonly letters: ReadonlyArray<string>
  readonly starts: ReadonlyArray<number>
}

/** How far apart, in sizes of the font, the same letter may stand to be the same: for bold and for shadows it is moved a little. */
const near = { along: 0.12, across: 0.2 }
/** Share of its letters that others must have shown already. */
const same = 0.9
/** Runs are looked up by their baseline, in steps of so many points; the last few of each. */
const step = 4
const most = 100
/** More letters in one run are nothing that is printed twice. */
const longest = 1_000

/**
 * Finds what is printed twice in one place: a poor man's bold, a shadow, a part that is drawn again with other marks. Of two runs the one
 * that says no more than the other is left out, and one that begins with the end of another is cut.
 */
export class Overprint {
  readonly #byLine = new Map<number, Array<Printed>>()
  readonly #out = new Set<TextRun>()

  /** Knows a run from now on; it may be cut. */
  add(printed: Printed): void {
    const { letters, run } = printed
    if (letters.length > longest) return
    const below = this.#below(run)
    if (below.length > 0) {
      if (mostly(shownBy(printed, below))) {
        this.#out.add(run)
        return
      }
      const others = below.filter((other) => {
        const is = mostly(shownBy(other, [printed]))
        if (is) this.#out.add(other.run)
        return !is
      })
      if (others.length > 0 && !run.rtl) cut(printed, shownBy(printed, others))
    }
    const line = Math.floor(run.v / step)
    const known = this.#byLine.get(line)
    if (known === undefined) this.#byLine.set(line, [printed])
    else {
      known.push(printed)
      if (known.length > most) known.shift()
    }
  }

  /** Whether a run is left out; known when all have been added. */
  has(run: TextRun): boolean {
    return this.#out.has(run)
  }

  #below(run: TextRun): ReadonlyArray<Printed> {
    const reach = near.across * run.size
    const found: Array<Printed> = []
    for (let line = Math.floor((run.v - reach) / step); line <= Math.floor((run.v + reach) / step); line++) {
      for (const other of this.#byLine.get(line) ?? []) {
        const crosses = other.run.u0 < run.u1 && other.run.u1 > run.u0 && Math.abs(other.run.v - run.v) <= reach
        if (crosses && !this.#out.has(other.run)) found.push(other)
      }
    }
    return found
  }
}

/** Of each letter, whether it stands there already; null for blanks. */
const shownBy = ({ letters, run, starts }: Printed, by: ReadonlyArray<Printed>): ReadonlyArray<boolean | null> =>
  letters.map((letter, at) =>
    letter === " " ?
      null :
      by.some((other) =>
        other.letters.some((one, place) =>
          one === letter && Math.abs(other.starts[place]! - starts[at]!) <= near.along * run.size
        )
      )
  )

const mostly = (shown: ReadonlyArray<boolean | null>): boolean => {
  const letters = shown.filter((one) => one !== null)
  return letters.filter(Boolean).length >= same * letters.length
}

const cut = ({ letters, run, starts }: Printed, shown: ReadonlyArray<boolean | null>): void => {
  const first = shown.indexOf(false)
  if (!shown.slice(0, first).includes(true)) return
  run.text = letters.slice(first).join("")
  run.u0 = starts[first]!
}
