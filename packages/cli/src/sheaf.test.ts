import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { errorFacts } from "@sheaf/domain/errors"
import { apiErrors } from "@sheaf/sdk/errors/api"
import { clientErrors } from "@sheaf/sdk/errors/client"
import { Cause, Effect, Layer, Option, Ref } from "effect"
import { CliOutput, Command, type HelpDoc } from "effect/cli"
import { sheaf } from "./sheaf.ts"
import { CommandLine } from "./terminal/CommandLine.ts"
import { describe as explain, failureOf } from "./terminal/failures.ts"
import { Streams } from "./terminal/Output.ts"
import { version } from "./version.ts"

const helpOf = Effect.fnUntraced(function*(command: ReadonlyArray<string>) {
  const seen = yield* Ref.make<CliOutput.Presenter.Event | undefined>(undefined)
  const presenter = CliOutput.layerPresenter({ present: (event) => Ref.set(seen, event) })
  yield* Command.runWith(sheaf, { version })([...command, "--help"]).pipe(
    Effect.provide(
      Layer.provideMerge(
        CommandLine.layer(sheaf, version),
        Layer.mergeAll(presenter, NodeServices.layer, Streams.layer)
      )
    ),
    // To show help calls no server.
    Effect.orDie
  )
  const event = yield* Ref.get(seen)
  return event?._tag === "Help" ? event.helpDoc : assert.fail(`${command.join(" ")} has no help`)
})

/** Every command below one, with what its help says. */
const everyBelow = (
  path: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<readonly [string, HelpDoc.HelpDoc]>> =>
  Effect.gen(function*() {
    const help = yield* helpOf(path)
    const names = (help.subcommands ?? []).flatMap(({ commands }) => commands.map(({ name }) => name))
    const below = yield* Effect.forEach(names, (name) => everyBelow([...path, name]))
    return [[path.join(" "), help] as const, ...below.flat()]
  })

describe("help", () => {
  it.effect(
    "of every command says what it does, shows how, demands no switch, and takes no name of all commands",
    () =>
      Effect.gen(function*() {
        const all = yield* everyBelow([])
        assert.isAbove(all.length, 100)
        for (const [command, { description, examples, flags, globalFlags = [], subcommands }] of all) {
          assert.isNotEmpty(description, command)
          if ((subcommands?.length ?? 0) > 0) continue
          assert.isNotEmpty(examples, command)
          // A switch is never demanded, nor what may be given any number of times; of a key it has to be said what it may do.
          const demanded = flags.filter(({ description, required, type }) =>
            required && (type === "boolean" || Option.exists(description, (text) => text.includes("several times")))
          )
          assert.deepStrictEqual(demanded.map(({ name }) => name), command === "keys create" ? ["scope"] : [], command)
          const hidden = flags.filter(({ name }) =>
            globalFlags.some((other) => other.name === name && name !== "version")
          )
          assert.deepStrictEqual(hidden.map(({ name }) => name), [], command)
        }
      }),
    20_000
  )
})

describe("failures", () => {
  it("have an exit code each, and something to try", () => {
    for (const [tag, { exit }] of Object.entries(errorFacts)) {
      assert.strictEqual(explain({ _tag: tag, message: "m", hint: "h" }).exit, exit, tag)
    }
    for (const tag of Object.keys(clientErrors)) {
      assert.isAbove(explain({ _tag: tag, message: "m", hint: "h" }).exit, 0, tag)
    }
    assert.strictEqual(explain({ _tag: "Unreachable", message: "m" }).exit, 5)
    assert.strictEqual(explain({ _tag: "VersionSkew", message: "m" }).exit, 6)
    assert.strictEqual(explain({ _tag: "StillRunning", message: "m" }).exit, 124)
    assert.strictEqual(explain(new Error("a bug")).exit, 1)
    // A name where an id is wanted.
    const nameless = { _tag: "BadRequest", message: "m", reason: "Expected a UUID\n  at [\"documentId\"]" }
    assert.include(explain(nameless).hint, "sheaf documents list")
  })

  it("of the SDK are explained in words for whoever types commands", () => {
    for (const [tag, Class] of Object.entries(apiErrors)) {
      // Getters of the prototype: what they say of fields that are not there does not matter here.
      const { hint } = explain(Object.create(Class.prototype, { _tag: { value: tag }, message: { value: "m" } }))
      assert.notMatch(hint ?? "", /`[a-z]\w*\.?\w*\(|`\w+: |`[a-z]+[A-Z]\w*`/, tag)
    }
  })

  it("are told apart from being stopped", () => {
    assert.strictEqual(Option.getOrThrow(failureOf(Cause.interrupt())).exit, 130)
    assert.include(Option.getOrThrow(failureOf(Cause.die(new Error("a bug")))).message, "a bug")
  })
})
