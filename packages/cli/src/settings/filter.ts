import { explainIssue } from "@sheaf/domain/edge/explainIssue"
import { Filter } from "@sheaf/domain/search/Filter"
import { Effect, Option, Schema } from "effect"
import { Misused } from "../terminal/failures.ts"

const decode = Schema.decodeEffect(Schema.fromJsonString(Filter))

/** The condition on metadata that `--filter` gives as JSON. */
export const readFilter = (json: Option.Option<string>): Effect.Effect<Option.Option<Filter>, Misused> =>
  Effect.transposeOption(Option.map(json, (text) => decode(text, { errors: "all", onExcessProperty: "error" }))).pipe(
    Effect.mapError(({ issue }) =>
      new Misused({ message: `The filter makes no sense: ${explainIssue(issue)}`, hint: "See `sheaf search --help`." })
    )
  )
