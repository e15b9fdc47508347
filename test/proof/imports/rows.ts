// The file of a storm, and what has to become of its rows.

/** One row in a hundred is bad, and one in ten asks what the one before has asked. */
const isBad = (at: number) => at % 100 === 7
const repeats = (at: number) => at % 10 === 3
const question = (at: number) => `Where is anchor ${repeats(at) ? at - 1 : at}?`

export const isOfFile = (text: string) => text.startsWith("Where is anchor")

/** A file of questions and answers, and the number and the state of every row when all is over. */
export const fileOf = (rows: number) => {
  const each = Array.from({ length: rows }, (_, at) => at)
  const expected = each.map((at) => [at + 2, isBad(at) ? "failed" : repeats(at) ? "skipped" : "created"] as const)
  const count = (wanted: string) => expected.filter(([, state]) => state === wanted).length
  return {
    text: ["question,answer", ...each.map((at) => `${question(at)},${isBad(at) ? "" : `At watch ${at}.`}`)].join("\n"),
    expected,
    created: count("created"),
    skipped: count("skipped"),
    failed: count("failed")
  }
}
