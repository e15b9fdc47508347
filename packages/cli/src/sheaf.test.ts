import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { errorFacts } from "@sheaf/domain/errors"
import { clientErrors } from "@sheaf/sdk/errors/client"
import { Cause, Effect, Layer, Option, Ref } from "effect"
import { CliOutput, Command } from "effect/cli"
import { sheaf } from "./sheaf.ts"
import { describe as explain, failureOf } from "./terminal/failures.ts"
import { Streams } from "./terminal/Output.ts"
import { version } from "./version.ts"

const commands = [
  "demo",
  "serve",
  "ingest",
  "search",
  "watch",
  "datasets",
  "documents",
  "segments",
  "keys",
  "tenants",
  "backup",
  "api",
  "worker",
  "migrate",
  "doctor",
  "config",
  "tune",
  ...["list", "create", "get", "update", "delete"].map((name) => `datasets ${name}`),
  ...["connect", "connections", "pages", "check", "disable", "enable", "revoke"].map((name) => `notion ${name}`),
  ...[
    "list",
    "get",
    "runs",
    "settings",
    "run",
    "retry",
    "cancel",
    "pause",
    "resume",
    "prioritise",
    "delete",
    "download"
  ]
    .map((name) => `documents ${name}`),
  ...["list", "get", "items", "cancel"].map((name) => `operations ${name}`),
  ...["list", "get"].map((name) => `segments ${name}`),
  ...["create", "list", "revoke"].map((name) => `keys ${name}`),
  ...["create", "list", "suspend", "resume"].map((name) => `tenants ${name}`)
]

describe("help", () => {
  it.effect.each(commands)("of sheaf %s says what it does, and shows how", (command) =>
    Effect.gen(function*() {
      const seen = yield* Ref.make<CliOutput.Presenter.Event | undefined>(undefined)
      const presenter = CliOutput.layerPresenter({ present: (event) => Ref.set(seen, event) })
      yield* Command.runWith(sheaf, { version })([...command.split(" "), "--help"]).pipe(
        Effect.provide(Layer.mergeAll(presenter, NodeServices.layer, Streams.layer))
      )
      const event = yield* Ref.get(seen)
      assert.strictEqual(event?._tag, "Help")
      if (event?._tag !== "Help") return
      assert.isNotEmpty(event.helpDoc.description)
      const group = (event.helpDoc.subcommands?.length ?? 0) > 0
      if (!group) assert.isNotEmpty(event.helpDoc.examples)
    }))
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
  })

  it("are told apart from being stopped", () => {
    assert.strictEqual(Option.getOrThrow(failureOf(Cause.interrupt())).exit, 130)
    assert.include(Option.getOrThrow(failureOf(Cause.die(new Error("a bug")))).message, "a bug")
  })
})
