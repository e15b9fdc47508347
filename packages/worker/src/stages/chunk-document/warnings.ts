/** Warnings of one document that are kept; of the others their number is. */
const most = 100

/** Collects what a chunker had to leave out, in the form in which parsers' warnings are stored. */
export const makeWarnings = () => {
  const kept: Array<string> = []
  let more = 0
  return {
    add: (detail: string): void => {
      if (kept.length < most) kept.push(detail)
      else more++
    },
    all: (): ReadonlyArray<string> =>
      (more === 0 ? kept : [...kept, `${more} more of this sort`]).map((detail) =>
        JSON.stringify({ page: null, detail })
      )
  }
}
