import type { SearchResult } from "@sheaf/domain/search/Search"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { excerpt, place, scoreWords } from "../search/hits.ts"
import { readFilter } from "../settings/filter.ts"
import { repeated } from "../settings/repeated.ts"
import { Output } from "../terminal/Output.ts"
import { printable, type Style } from "../terminal/style.ts"
import { count, duration } from "../terminal/words.ts"
import { remote } from "./handled.ts"

export const search = Command.make(
  "search",
  {
    text: Argument.String("text").pipe(Argument.withDescription("What to look for"), Argument.atLeast(1)),
    datasets: Flag.String("dataset").pipe(
      Flag.withAlias("d"),
      Flag.withDescription("Name or id of a dataset; may be given several times. Default: all"),
      repeated
    ),
    mode: Flag.Literals("mode", ["keyword", "vector", "hybrid"]).pipe(
      Flag.withDescription("By words, by meaning, or both"),
      Flag.withDefault("hybrid")
    ),
    limit: Flag.Int("limit").pipe(
      Flag.withAlias("n"),
      Flag.withDescription("Most hits, 1 to 100"),
      Flag.withDefault(5)
    ),
    threshold: Flag.Finite("threshold").pipe(
      Flag.withDescription("Least score, 0 to 1; it means the same for every question"),
      Flag.optional
    ),
    filter: Flag.String("filter").pipe(
      Flag.withDescription(
        "Condition on metadata, as JSON: {\"field\": \"year\", \"gte\": 2024}, {\"and\": [...]}, {\"not\": ...}"
      ),
      Flag.optional
    ),
    waitFor: Flag.String("wait-for").pipe(
      Flag.withDescription("The `indexToken` that a change answered: search when the index has followed it"),
      Flag.optional
    )
  },
  remote(Effect.fnUntraced(function*({ datasets, filter, limit, mode, text, threshold, waitFor }) {
    const output = yield* Output
    const sheaf = yield* Sheaf
    const condition = yield* readFilter(filter)
    const result = yield* sheaf.search({
      text: text.join(" "),
      mode,
      limit,
      ...(datasets.length > 0 && { datasets }),
      ...(Option.isSome(threshold) && { threshold: threshold.value }),
      ...(Option.isSome(waitFor) && { waitFor: waitFor.value }),
      ...(Option.isSome(condition) && { filter: condition.value })
    })
    if (result.hits.length > 0 || output.json) {
      yield* output.result(result, () => result.hits.map((hit, index) => show(hit, index, output.style)).join("\n\n"))
    }
    yield* output.note(output.noteStyle.dim(summary(result)))
    if (result.explain.notYet) yield* output.note("The index had not followed the change yet: try again in a moment.")
  }))
).pipe(
  Command.withDescription("Find the segments that answer a question, with page and score"),
  Command.withExamples([
    { command: "sheaf search \"how often must the boiler be descaled\"" },
    { command: "sheaf search pump pressure --dataset manuals --limit 3 --json", description: "For programs" },
    { command: "sheaf search revenue --filter '{\"field\": \"year\", \"gte\": 2024}'", description: "By metadata" }
  ])
)

const show = (hit: SearchResult["hits"][number], index: number, style: Style): string => {
  const path = hit.headingPath.length === 0 ? "" : `  ${style.dim(hit.headingPath.map(printable).join(" › "))}`
  return `${style.bold(`${index + 1}. ${place(hit)}`)}${path}\n   ${style.green(scoreWords(hit.score))}\n   ${
    excerpt(hit, 320, style)
  }`
}

const summary = ({ explain, hits }: SearchResult): string => {
  const found = hits.length === 0
    ? explain.bestBelowThreshold === null
      ? "Nothing found"
      : `Nothing found; the best score is ${explain.bestBelowThreshold.toFixed(2)}, below the threshold`
    : count(hits.length, "hit")
  return `${found} among ${count(explain.candidates, "candidate")} in ${duration(explain.timings.totalMs)}`
}
