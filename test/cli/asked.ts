import { exitCodes } from "@sheaf/cli/terminal/failures"
import { Streams } from "@sheaf/cli/terminal/Output"
import { Clock, ConfigProvider, Effect } from "effect"
import { perform } from "../../packages/cli/src/run.ts"

/** What somebody who typed a command is shown. */
interface Asked {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Carries out commands in this process, against a server, whatever the environment says; `args` without the name of the program. */
export const askedOf = (server: { readonly url: string; readonly key: string }) =>
  Effect.fnUntraced(function*(...args: ReadonlyArray<string>) {
    const told = { stdout: "", stderr: "" }
    const write = (stream: keyof typeof told) => (text: string) =>
      Effect.sync(() => {
        told[stream] += text
      })
    const code = yield* perform([...args, "--url", server.url, "--key", server.key]).pipe(
      Effect.provideService(
        Streams,
        Streams.of({ stdout: write("stdout"), stderr: write("stderr"), closed: Effect.never })
      ),
      Effect.provideService(Clock.Clock, Clock.Clock.defaultValue()),
      Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown({}))
    )
    return { code, ...told } satisfies Asked
  })

/** The result of a command for programs; it has to succeed. */
export const jsonOf = (asked: ReturnType<typeof askedOf>) =>
  Effect.fnUntraced(function*(...args: ReadonlyArray<string>) {
    const { code, stderr, stdout } = yield* asked(...args, "--json")
    if (code !== exitCodes.done) return yield* Effect.die(new Error(`${args.join(" ")}: ${stderr}`))
    // The shape of a result is what a test is about.
    // oxlint-disable-next-line typescript/no-explicit-any
    return JSON.parse(stdout) as any
  })
