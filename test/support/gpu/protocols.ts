import { relevance, tokensOf, vectorOf } from "./language.ts"

// What the double says, in the words of the servers it stands for.

export interface Model {
  readonly name: string
  readonly dimension: number
  readonly maxTokens: number
  readonly maxItems: number
  readonly maxBatchTokens: number
}

/** How an OpenAI-compatible server counts tokens: like vLLM, like llama.cpp, or not at all. */
export type TokenizerKind = "vllm" | "llama.cpp" | "none"

export interface Answer {
  readonly status: number
  readonly body: unknown
}

const errorTypes: Readonly<Record<number, string>> = {
  400: "Empty",
  413: "Validation",
  422: "Validation",
  424: "Backend",
  429: "Overloaded",
  503: "Unhealthy"
}

const teiMessages: Readonly<Record<number, string>> = {
  400: "`inputs` cannot be empty",
  422: "Tokenization error",
  424: "Inference failed",
  429: "Model is overloaded",
  503: "unhealthy"
}

/** TEI's errors: `{error, error_type}`; its web framework's own, such as for a body that is too large, are plain text. */
export const teiError = (status: number, message = teiMessages[status] ?? "error"): Answer => ({
  status,
  body: status === 413
    ? "Failed to buffer the request body: length limit exceeded"
    : status === 401
    ? ""
    : { error: message, error_type: errorTypes[status] ?? "Backend" }
})

/** OpenAI's: `{error: {message, type, param, code}}`. */
export const openaiError = (status: number, message = `The server had an error (${status})`): Answer => ({
  status,
  body: {
    error: {
      message,
      type: status === 429
        ? "requests"
        : status === 401
        ? "invalid_request_error"
        : status >= 500
        ? "server_error"
        : "BadRequestError",
      param: null,
      code: status
    }
  }
})

export const info = (model: Model) => ({
  model_id: model.name,
  model_sha: "0123456789abcdef0123456789abcdef01234567",
  model_dtype: "float16",
  served_model_name: model.name,
  model_type: { embedding: { pooling: "cls" } },
  max_concurrent_requests: 512,
  max_input_length: model.maxTokens,
  max_batch_tokens: model.maxBatchTokens,
  max_batch_requests: null,
  max_client_batch_size: model.maxItems,
  auto_truncate: true,
  tokenization_workers: 4,
  version: "1.9.4",
  sha: "fedcba9876543210fedcba9876543210fedcba98",
  docker_label: "sha-fedcba9"
})

/** Why TEI refuses a batch; `undefined` if it does not. */
export const teiRefusal = (model: Model, inputs: ReadonlyArray<string>, truncate: boolean): Answer | undefined => {
  if (inputs.length === 0) return teiError(400)
  if (inputs.length > model.maxItems) {
    return teiError(422, `batch size ${inputs.length} > maximum allowed batch size ${model.maxItems}`)
  }
  for (const input of inputs) {
    if (input === "") return teiError(400)
    const { length } = tokensOf(input)
    if (length > model.maxTokens && !truncate) {
      return teiError(
        422,
        `Input validation error: \`inputs\` must have less than ${model.maxTokens} tokens. Given: ${length}`
      )
    }
  }
  return undefined
}

/** Why vLLM refuses a batch. */
export const openaiRefusal = (model: Model, inputs: ReadonlyArray<string>): Answer | undefined => {
  if (inputs.length === 0 || inputs.includes("")) return openaiError(400, "Prompt cannot be empty")
  for (const input of inputs) {
    const { length } = tokensOf(input)
    if (length > model.maxTokens) {
      return openaiError(
        400,
        `This model's maximum context length is ${model.maxTokens} tokens. However, you requested ${length} tokens in the input ` +
          "for embedding generation. Please reduce the length of the input."
      )
    }
  }
  return undefined
}

/** The same vector as in memory has, in numbers as JSON writes them: what is not finite becomes `null`. */
const numbers = (vector: Float32Array): ReadonlyArray<number> => Array.from(vector)

const base64 = (vector: Float32Array): string => {
  const bytes = Buffer.alloc(vector.length * 4)
  for (const [i, value] of vector.entries()) bytes.writeFloatLE(value, i * 4)
  return bytes.toString("base64")
}

export const embeddings = (
  model: string,
  vectors: ReadonlyArray<Float32Array>,
  { encoding, reversed, tokens }: { readonly encoding: unknown; readonly reversed: boolean; readonly tokens: number }
) => {
  const data = vectors.map((vector, index) => ({
    object: "embedding",
    index,
    embedding: encoding === "base64" ? base64(vector) : numbers(vector)
  }))
  return {
    object: "list",
    data: reversed ? data.toReversed() : data,
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens }
  }
}

export const teiEmbeddings = (vectors: ReadonlyArray<Float32Array>, reversed: boolean) =>
  (reversed ? vectors.toReversed() : vectors).map(numbers)

export const teiTokens = (inputs: ReadonlyArray<string>) =>
  inputs.map((input) =>
    tokensOf(input).map((text, id) => ({ id, text, special: text === "[CLS]" || text === "[SEP]", start: 0, stop: 0 }))
  )

export const ranks = (query: string, texts: ReadonlyArray<string>) =>
  texts.map((text, index) => ({ index, score: relevance(query, text) })).sort((a, b) => b.score - a.score)

export const models = (model: Model, kind: TokenizerKind) => ({
  object: "list",
  data: [{
    id: model.name,
    object: "model",
    created: 1_700_000_000,
    owned_by: kind === "none" ? "nobody" : kind,
    ...(kind === "vllm" && { root: model.name, parent: null, max_model_len: model.maxTokens })
  }]
})

/** What the model makes of a text. */
export const made = (text: string, model: Model): Float32Array => vectorOf(text, model.name, model.dimension)
