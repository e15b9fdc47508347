import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { findFiles } from "./findFiles.ts"

const tree = Effect.acquireRelease(
  Effect.sync(() => {
    const root = Fs.mkdtempSync(Path.join(Os.tmpdir(), "sheaf-find-"))
    for (
      const name of ["b2.md", "b10.md", "a.txt", ".hidden", "deep/c.md", "node_modules/d.md", "deep/node_modules/e.md"]
    ) {
      Fs.mkdirSync(Path.dirname(Path.join(root, name)), { recursive: true })
      Fs.writeFileSync(Path.join(root, name), name)
    }
    Fs.symlinkSync(root, Path.join(root, "deep/loop"))
    return root
  }),
  (root) => Effect.sync(() => Fs.rmSync(root, { recursive: true }))
)

const names = (inputs: ReadonlyArray<string>) =>
  Effect.flatMap(tree, (root) => Effect.map(findFiles(inputs, root), (files) => files.map(({ name }) => name)))

it.effect("looks into folders, leaving out what is hidden or installed, in the order of people", () =>
  Effect.gen(function*() {
    assert.deepStrictEqual(yield* names(["."]), ["a.txt", "b2.md", "b10.md", "deep/c.md"])
  }))

it.effect("takes patterns, named files whatever they are, and each file once", () =>
  Effect.gen(function*() {
    assert.deepStrictEqual(yield* names(["**/*.md", "deep", "b2.md", ".hidden"]), [
      ".hidden",
      "b2.md",
      "b10.md",
      "deep/c.md"
    ])
  }))

it.effect("says what it did not find", () =>
  Effect.gen(function*() {
    const missing = yield* Effect.flip(names(["nothing.txt"]))
    assert.include(missing.message, "nothing.txt")
    const none = yield* Effect.flip(names(["*.pdf"]))
    assert.include(none.message, "*.pdf")
  }))
