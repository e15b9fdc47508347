import { Context, Effect, Layer } from "effect"
import { execFile } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { temporaryFolder } from "../temporaryFolder.ts"

const root = fileURLToPath(new URL("../../..", import.meta.url))
const execute = promisify(execFile)

interface Output {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * Somebody else's project that has the packed SDK installed: plain TypeScript, with effect from this workspace. What compiles
 * and runs there does so for users.
 */
export class Consumer extends Context.Service<Consumer, {
  readonly folder: string
  readonly write: (name: string, text: string) => Effect.Effect<string>
  /** Compiles files strictly, the package's declarations included; the complaints, or nothing. */
  readonly compile: (names: ReadonlyArray<string>) => Effect.Effect<string>
  readonly run: (name: string, environment?: Record<string, string>) => Effect.Effect<Output>
}>()("sheaf/test/support/processes/Consumer") {
  static readonly layer = Layer.effect(
    Consumer,
    Effect.gen(function*() {
      const base = yield* temporaryFolder("sdk-consumer")
      const folder = join(base, "project")
      const build = ["scripts/build-sdk.mjs", "--out", join(base, "sdk"), "--pack"]
      const tarball = (yield* execution(process.execPath, build, { cwd: root })).stdout.trim()
      mkdirSync(folder)
      const write = (name: string, text: string) =>
        Effect.sync(() => {
          writeFileSync(join(folder, name), text)
          return join(folder, name)
        })
      yield* write("package.json", JSON.stringify({ name: "consumer", private: true, type: "module" }))
      const effect = join(root, "node_modules/effect")
      const types = join(root, "node_modules/@types/node")
      yield* execution("npm", ["install", "--offline", "--no-audit", "--no-fund", tarball, effect, types], {
        cwd: folder
      })

      const compile = Effect.fnUntraced(function*(files: ReadonlyArray<string>) {
        yield* write("tsconfig.json", JSON.stringify({ compilerOptions, files }))
        const tsc = join(root, "node_modules/typescript/bin/tsc")
        const { stderr, stdout } = yield* attempt(process.execPath, [tsc, "-p", folder], { cwd: folder })
        return `${stdout}${stderr}`.trim()
      })
      const run = (name: string, env: Record<string, string> = {}) =>
        attempt(process.execPath, [name], { cwd: folder, env: { PATH: `${process.execPath}/..`, ...env } })
      return Consumer.of({ folder, write, compile, run })
    })
  )
}

const compilerOptions = {
  noEmit: true,
  strict: true,
  module: "nodenext",
  target: "es2024",
  types: ["node"],
  lib: ["es2024", "esnext.disposable", "dom", "dom.iterable", "dom.asynciterable"]
}

interface Where {
  readonly cwd: string
  readonly env?: Record<string, string>
}

const execution = (file: string, args: ReadonlyArray<string>, options: Where) =>
  Effect.promise(() => execute(file, args, { ...options, timeout: 120_000 }))

const attempt = (file: string, args: ReadonlyArray<string>, options: Where): Effect.Effect<Output> =>
  Effect.callback((resume) => {
    const child = execFile(
      file,
      args,
      { ...options, timeout: 60_000 },
      (error, stdout, stderr) =>
        resume(Effect.succeed({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }))
    )
    return Effect.sync(() => child.kill())
  })
