/**
 * What is wrong, in words, by kind:
 *
 * - `lost`: accepted and not there
 * - `duplicated`: there more often than once
 * - `orphans`: there and nobody's
 * - `drift`: a counter that a recount does not confirm
 * - `stale`: there and not what it should be: work still owed, an entry that says something else than the rows
 */
export interface Findings {
  readonly lost: Array<string>
  readonly duplicated: Array<string>
  readonly orphans: Array<string>
  readonly drift: Array<string>
  readonly stale: Array<string>
}

export const noFindings = (): Findings => ({ lost: [], duplicated: [], orphans: [], drift: [], stale: [] })

/** All of them, each with its kind in front. */
export const listed = (findings: Findings): ReadonlyArray<string> =>
  Object.entries(findings).flatMap(([kind, all]: readonly [string, ReadonlyArray<string>]) =>
    all.map((finding) => `${kind}: ${finding}`)
  )
