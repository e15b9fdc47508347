// What the pool and its threads say to each other. Every request gets one answer, in order.

export type EmbedRequest = { readonly text: string; readonly cut: boolean }
/** A vector, or why the text cannot have one. */
export type EmbedReply = Float32Array | string

export type CountRequest = ReadonlyArray<string>
export type CountReply = ReadonlyArray<number>

export interface EmbedThreadOptions {
  readonly dimension: number
  readonly maxTokens: number
}
