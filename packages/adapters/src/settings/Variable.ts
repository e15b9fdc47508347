import { Duration, Option, Redacted, Result } from "effect"

// How one environment variable is described. Everything else follows from the descriptions: how it is read, what is said when
// it makes no sense, `sheaf config`, and docs/configuration.md.

/** What a variable may hold. */
export interface Kind<A> {
  /** What it is, in the reference and after "must be". */
  readonly name: string
  readonly parse: (text: string) => Option.Option<A>
  /** What may be shown of a value, where not all of it. */
  readonly show?: (text: string) => string
}

export interface Variable<A> {
  readonly name: string
  readonly kind: Kind<A>
  /** One or two sentences: what it does, and when to set it. */
  readonly meaning: string
  readonly unit?: string
  /** What holds where it is not set, as it would be written; absent where there is none. */
  readonly default?: string
  /** Never shown, logged or quoted; may be given in a file, by `<name>_FILE`. */
  readonly secret: boolean
}

/** Describes a variable that may be absent. */
export const variable = <A>(
  name: string,
  kind: Kind<A>,
  meaning: string,
  more: { readonly unit?: string; readonly secret?: boolean; readonly default?: string } = {}
): Variable<A> => ({ name, kind, meaning, secret: false, ...more })

export const text: Kind<string> = { name: "text", parse: (text) => Option.some(text) }

export const path: Kind<string> = { name: "path", parse: (text) => Option.some(text) }

export const secretText: Kind<Redacted.Redacted> = { name: "secret", parse: (text) => Option.some(Redacted.make(text)) }

/** A secret that is sent as a header: whatever else would be refused at each request, and quoted by who refuses it. */
export const headerSecret: Kind<Redacted.Redacted> = {
  name: "secret of printable ASCII characters",
  parse: (text) => /^[ -~]+$/.test(text) ? secretText.parse(text) : Option.none()
}

export const choice = <const Name extends string>(names: ReadonlyArray<Name>): Kind<Name> => ({
  name: names.map((name) => `\`${name}\``).join(" or "),
  parse: (text) => Option.fromUndefinedOr(names.find((name) => name === text))
})

export const whole = ({ max, min }: { readonly min: number; readonly max: number }): Kind<number> => ({
  name: `whole number from ${min} to ${max}`,
  parse: (text) => {
    const number = Number(text)
    return /^\d+$/.test(text) && number >= min && number <= max ? Option.some(number) : Option.none()
  }
})

export const fraction: Kind<number> = {
  name: "number from 0 to 1",
  parse: (text) => {
    const number = Number(text)
    return /^\d*\.?\d+$/.test(text) && number <= 1 ? Option.some(number) : Option.none()
  }
}

const booleans: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  "1": true,
  false: false,
  no: false,
  "0": false
}

export const yesOrNo: Kind<boolean> = {
  name: "`true` or `false`",
  parse: (text) => Option.fromUndefinedOr(Object.hasOwn(booleans, text) ? booleans[text] : undefined)
}

export const duration: Kind<Duration.Duration> = {
  name: "duration, like `20 seconds`",
  parse: (text) => {
    // Written by people: "20 seconds", "500 millis". Any other text is none.
    const parsed = Result.getSuccess(Result.try(() => Duration.fromInputUnsafe(text as Duration.Input)))
    return Option.filter(parsed, (duration) => Duration.isFinite(duration))
  }
}

/** A URL without its user, password and query: what may be shown of one. */
const bare = (text: string): string => {
  const url = URL.parse(text)
  return url === null ? "(malformed)" : `${url.protocol}//${url.host}${url.pathname === "/" ? "" : url.pathname}`
}

/** A URL of one of these schemes; `Shape` says what else it must look like. */
const urlText = (schemes: ReadonlyArray<string>, text: string): Option.Option<string> => {
  const url = URL.parse(text)
  return url !== null && schemes.includes(url.protocol) ? Option.some(text) : Option.none()
}

const schemeNames = (schemes: ReadonlyArray<string>, shape: string) => `URL, like \`${schemes[0]}//${shape}\``

/** The text of a URL; a trailing slash is dropped, so that paths can be appended. */
export const url = (schemes: ReadonlyArray<`${string}:`>, shape: string): Kind<string> => ({
  name: schemeNames(schemes, shape),
  parse: (text) =>
    Option.filter(urlText(schemes, text), (text) => URL.parse(text)!.hostname !== "").pipe(
      Option.map((text) => text.replace(/\/+$/, ""))
    ),
  show: bare
})

/** A URL that may hold a password, and may name a socket in place of a host. */
export const secretUrl = (schemes: ReadonlyArray<`${string}:`>, shape: string): Kind<Redacted.Redacted> => ({
  name: schemeNames(schemes, shape),
  parse: (text) => Option.map(urlText(schemes, text), (text) => Redacted.make(text)),
  show: bare
})

/** The word `bundled`, or something else. */
export const bundledOr = (kind: Kind<string>): Kind<string> => ({
  ...kind,
  name: `\`bundled\`, or ${kind.name}`,
  parse: (text) => text === "bundled" ? Option.some(text) : kind.parse(text),
  show: (text) => text === "bundled" ? text : kind.show?.(text) ?? text
})

/** Several, with commas in between. */
export const listOf = <A>(kind: Kind<A>): Kind<ReadonlyArray<A>> => ({
  name: `one or more, with commas: ${kind.name}`,
  parse: (text) => Option.all(text.split(",").map((part) => kind.parse(part.trim()))),
  ...(kind.show && { show: (text: string) => text.split(",").map((part) => kind.show!(part.trim())).join(", ") })
})
