import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Cause, Console, Duration, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { benches } from "./benches.ts"
import { chunking } from "./chunking/run.ts"
import { judge, lineOf, partNames } from "./extraction/run.ts"
import type { Bench } from "./framework/Bench.ts"
import { machine } from "./framework/machine.ts"
import { jsonLine, table } from "./framework/report.ts"
import { readers } from "./readers/run.ts"
import { score } from "./retrieval/run.ts"

const json = Flag.Boolean("json").pipe(
  Flag.withDescription("Print each figure as a line of JSON; what is said about the machine goes to standard error"),
  Flag.withDefault(false)
)

/** Answers whether the bench worked; whether its targets are met is for the reader. */
const runBench = Effect.fnUntraced(function*(bench: Bench, asJson: boolean) {
  const figures = yield* bench.run.pipe(
    Effect.scoped,
    Effect.timeoutOrElse({
      duration: Duration.minutes(bench.minutes),
      orElse: () => Effect.die(new Error(`${bench.name} took more than ${bench.minutes} minutes`))
    }),
    Effect.catchCause((cause) => Effect.as(Console.error(`${bench.name} is broken: ${Cause.pretty(cause)}`), null))
  )
  if (figures === null) return false
  yield* Console.log(asJson ? figures.map((figure) => jsonLine(bench, figure)).join("\n") : table(bench, figures))
  return true
})

const runAll = Effect.fnUntraced(function*(chosen: ReadonlyArray<Bench>, asJson: boolean) {
  const facts = machine()
  const line = `${facts.cores} x ${facts.cpu}, ${facts.memoryGiB} GiB, Linux ${facts.kernel}, Node ${facts.node}\n`
  yield* asJson ? Console.error(line) : Console.log(line)
  const worked = yield* Effect.forEach(chosen, (bench) => runBench(bench, asJson))
  if (worked.includes(false)) {
    yield* Effect.sync(() => {
      process.exitCode = 1
    })
  }
})

const minutes = benches.reduce((sum, bench) => sum + bench.minutes, 0)

const root = Command.make("bench", { json }, (flags) => runAll(benches, flags.json)).pipe(
  Command.withDescription(
    `Measures what is promised about speed and memory; without a name, everything (${minutes} minutes at the very most). ` +
      "A missed target is reported, not an error: only a bench that does not work ends with another exit code than 0."
  )
)

const commands = benches.map((bench) =>
  Command.make(bench.name, { json }, (flags) => runAll([bench], flags.json)).pipe(
    Command.withDescription(`${bench.claim} (${bench.minutes} minutes at most)`)
  )
)

const retrieval = Command.make("retrieval", {
  folder: Argument.Directory("DIR", { mustExist: true }).pipe(
    Argument.withDescription("Has docs.jsonl, queries.jsonl and qrels.tsv, as the sets of BEIR do")
  ),
  mode: Flag.Literals("mode", ["keyword", "vector", "hybrid"]).pipe(
    Flag.withDescription("Default: all three, one after the other"),
    Flag.optional
  ),
  engine: Flag.Literals("engine", ["database", "typesense"]).pipe(
    Flag.withDescription(
      "Where to search; `typesense` is the server that TYPESENSE_URL names, or the double of the tests"
    ),
    Flag.withDefault("database" as const)
  ),
  distractors: Flag.Int("distractors").pipe(
    Flag.withDescription("Ingest so many made texts as well, of the set's own words"),
    Flag.withDefault(0)
  ),
  json
}, ({ distractors, engine, folder, json, mode }) =>
  Effect.gen(function*() {
    const modes = Option.match(mode, { onNone: () => ["keyword", "vector", "hybrid"] as const, onSome: (one) => [one] })
    for (const found of yield* score({ folder, modes, distractors, engine })) {
      yield* Console.log(json ? JSON.stringify(found) : Object.entries(found).map((pair) => pair.join(" ")).join("  "))
    }
  })).pipe(
    Command.withDescription(
      "nDCG and recall of the first ten documents on a folder of documents, questions and judgements"
    )
  )

const extraction = Command.make("extraction", {
  folder: Argument.Directory("DIR", { mustExist: true }).pipe(
    Argument.withDescription("Has a MANIFEST.json that says of each file what should be found in it")
  ),
  part: Flag.Literals("part", partNames).pipe(
    Flag.withDescription("Default: all, one after the other"),
    Flag.optional
  ),
  json
}, ({ folder, json, part }) =>
  Effect.gen(function*() {
    const names = Option.match(part, { onNone: () => partNames, onSome: (one) => [one] })
    for (const found of yield* judge({ folder, names })) {
      yield* Console.log(json ? JSON.stringify(found) : lineOf(found))
    }
  })).pipe(Command.withDescription("What parsers read in real files, against what is known to be in them"))

const chunkers = Command.make("chunking", {
  folder: Argument.Directory("DIR", { mustExist: true }).pipe(
    Argument.withDescription("Has questions.json, with the spans that answer each, and the texts as corpora/NAME.md")
  ),
  manuals: Flag.File("manual", { mustExist: true }).pipe(
    Flag.withDescription("A file to put a paragraph into: how many of its segments are new then; can be repeated"),
    Flag.atLeast(0)
  ),
  json
}, ({ folder, json, manuals }) => runAll([chunking({ folder, manuals })], json)).pipe(
  Command.withDescription("How well segments hold the answers to questions, what they cost, and whether they stay")
)

const pdfReaders = Command.make("readers", {
  file: Argument.File("FILE", { mustExist: true }).pipe(
    Argument.withDescription("A PDF of some hundred pages, as people have them")
  ),
  json
}, ({ file, json }) => runAll([readers({ file })], json)).pipe(
  Command.withDescription("How fast a PDF is read, and how fast others read it")
)

root.pipe(
  Command.withSubcommands([...commands, retrieval, chunkers, extraction, pdfReaders]),
  Command.run({ version: "1" }),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)
