import type { Duration, Redacted } from "effect"

/** `typesense.ts` says what they mean and fills in what is left out. */
export interface Options {
  readonly urls: ReadonlyArray<URL>
  readonly apiKey: Redacted.Redacted
  readonly collectionPrefix: string
  readonly timeouts: {
    readonly search: Duration.Duration
    readonly write: Duration.Duration
    readonly ready: Duration.Duration
  }
  readonly backOff: { readonly first: Duration.Duration; readonly longest: Duration.Duration }
}
