import { Effect } from "effect"

export interface PageSizes {
  readonly most: number
  readonly fewest: number
}

/**
 * Carries out work page by page until a page is not full. `page` is told how many at most, and answers how many there were. After one
 * that is `tooSlow` a quarter as many are tried, down to `fewest`: what has little time to give comes to an end as well, as long as it
 * gets through the smallest page.
 */
export const inShrinkingPages = <E, R>(
  { fewest, most }: PageSizes,
  page: (limit: number) => Effect.Effect<number, E, R>,
  tooSlow: (error: E) => boolean
): Effect.Effect<void, E, R> =>
  Effect.suspend(() => {
    let limit = most
    return Effect.suspend(() => Effect.map(page(limit), (done) => done < limit)).pipe(
      Effect.catchIf((error) => tooSlow(error) && limit > fewest, () =>
        Effect.sync(() => {
          limit = Math.max(fewest, Math.floor(limit / 4))
          return false
        })),
      Effect.repeat({ until: (isDone) => isDone }),
      Effect.asVoid
    )
  })
