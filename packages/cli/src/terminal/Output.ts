import { Context, Deferred, Effect, Layer } from "effect"
import { asCalledHere } from "../settings/globals.ts"
import { type Style, styleFor } from "./style.ts"

/** How the result is written. */
export interface OutputOptions {
  /** One JSON value, or one a line where there are many, in place of text. */
  readonly json: boolean
  /** Nothing but results and errors. */
  readonly quiet: boolean
}

/**
 * Standard output carries results alone, so that it can be piped; all else goes to standard error. A reader that goes away
 * (`| head`) ends the program orderly and without complaint.
 */
export class Output extends Context.Service<
  Output,
  OutputOptions & {
    /** A result for people; nothing when `json` is set. */
    readonly text: (text: string) => Effect.Effect<void>
    /** A result for programs, on a line of its own; nothing when `json` is not set. */
    readonly value: (value: unknown) => Effect.Effect<void>
    /** A result for both. */
    readonly result: (value: unknown, text: () => string) => Effect.Effect<void>
    /** A remark for people, on standard error. Commands in it (`sheaf ...` between backticks) are named as the program was called. */
    readonly note: (text: string) => Effect.Effect<void>
    /** For standard output and standard error. */
    readonly style: Style
    readonly noteStyle: Style
  }
>()("@sheaf/cli/terminal/Output") {
  static readonly layer = (options: OutputOptions) =>
    Layer.effect(
      Output,
      Effect.gen(function*() {
        const { stdout, stderr } = yield* Streams
        const here = yield* asCalledHere
        const text = (text: string) => options.json ? Effect.void : stdout(`${text}\n`)
        const value = (value: unknown) => options.json ? stdout(`${JSON.stringify(value)}\n`) : Effect.void
        return Output.of({
          ...options,
          text,
          value,
          result: (data, words) => options.json ? value(data) : Effect.suspend(() => text(words())),
          note: (text) => options.quiet ? Effect.void : stderr(`${here(text)}\n`),
          style: styleFor(process.stdout),
          noteStyle: styleFor(process.stderr)
        })
      })
    )
}

/** The two streams of the process. */
export class Streams extends Context.Service<Streams, {
  readonly stdout: (text: string) => Effect.Effect<void>
  readonly stderr: (text: string) => Effect.Effect<void>
  /** Settles when nobody reads standard output any more. */
  readonly closed: Effect.Effect<void>
}>()("@sheaf/cli/terminal/Output/Streams") {
  static readonly layer = Layer.effect(
    Streams,
    Effect.gen(function*() {
      const closed = yield* Deferred.make<void>()
      // Without a listener, a stream that is gone would end the program in the middle of its work.
      yield* listening(process.stdout, () => Deferred.doneUnsafe(closed, Effect.void))
      yield* listening(process.stderr, () => {})
      return Streams.of({
        stdout: write(process.stdout),
        stderr: write(process.stderr),
        closed: Deferred.await(closed)
      })
    })
  )
}

const listening = (stream: NodeJS.WriteStream, onError: () => void) =>
  Effect.acquireRelease(
    Effect.sync(() => stream.on("error", onError)),
    () => Effect.sync(() => stream.off("error", onError))
  )

/** Done when the stream has taken the text: nothing is lost when the process ends right after. */
const write = (stream: NodeJS.WriteStream) => (text: string) =>
  Effect.callback<void>((resume) => {
    stream.write(text, () => resume(Effect.void))
  })
