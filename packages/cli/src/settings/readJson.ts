import { explainIssue } from "@sheaf/domain/edge/explainIssue"
import { Effect, Schema } from "effect"
import * as Fs from "node:fs"
import { Misused } from "../terminal/failures.ts"

/** What a file of JSON holds, in the shape that is wanted. A field that nobody knows is more likely a slip of the pen than a wish to be ignored. */
export const readJson = <A>(file: string, schema: Schema.Codec<A, unknown>): Effect.Effect<A, Misused> => {
  const misused = (reason: string, hint: string) => new Misused({ message: `${file} ${reason}`, hint })
  return Effect.try({
    try: () => Fs.readFileSync(file, "utf8"),
    catch: (error) =>
      misused(
        `cannot be read (${error instanceof Error && "code" in error ? String(error.code) : "failed"}).`,
        "Name a file of JSON."
      )
  }).pipe(
    Effect.flatMap((text) =>
      Schema.decodeEffect(Schema.fromJsonString(schema))(text, { errors: "all", onExcessProperty: "error" }).pipe(
        Effect.mapError((error) =>
          misused(`is not what is wanted: ${explainIssue(error.issue)}`, "Correct the named field.")
        )
      )
    )
  )
}
