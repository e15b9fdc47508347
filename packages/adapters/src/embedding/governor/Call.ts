import type { RequestFailed } from "./EmbeddingClient.ts"
import type { Sized } from "./packing.ts"
import type { AnySpan } from "effect/Tracer"

/** How a text ended. */
export type Outcome =
  | { readonly _tag: "Vector"; readonly vector: Float32Array }
  | { readonly _tag: "Rejected"; readonly detail: string }
  | { readonly _tag: "Unavailable"; readonly why: RequestFailed; readonly retryAfterMs: number }

/** A text on its way to a vector. */
export interface Entry extends Sized {
  readonly text: string
  readonly urgent: boolean
  /** Of the call that it belongs to. */
  readonly span: AnySpan | undefined
  /** Called once. */
  readonly end: (outcome: Outcome) => void
  /** Requests that it was part of in vain. */
  attempts: number
  /** Requests for it alone that got no answer. */
  silences: number
  /** It has its outcome, or nobody waits for it any more. */
  over: boolean
  /** Told that nobody waits for it, while it is under way. */
  left: (() => void) | undefined
}
