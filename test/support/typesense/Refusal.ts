/** An answer with an error status and a sentence, as the server gives them. */
export class Refusal extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export const notFound = () => new Refusal(404, "Not Found")
export const noCollection = () => new Refusal(404, "Collection not found")

/** The server never answers such a request. */
export class Hang extends Error {}

export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json | undefined }
export type JsonObject = { readonly [key: string]: Json | undefined }

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** `value` is what `JSON.parse` made. */
export const parse = (text: string): Json => JSON.parse(text) as Json
