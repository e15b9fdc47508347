import { Config, Effect, Layer, Option } from "effect"
import * as OpenAi from "../../packages/adapters/src/embedding/openai.ts"
import * as Tei from "../../packages/adapters/src/embedding/tei.ts"
import { suite } from "../contracts/embedder.ts"
import * as GpuServer from "../support/gpu/GpuServer.ts"

suite(
  "Text Embeddings Inference (double)",
  Layer.unwrap(Effect.map(GpuServer.start(), ({ url }) => Tei.layer({ url })))
)

for (const tokenizer of ["vllm", "llama.cpp", "none"] as const) {
  suite(
    `OpenAI's interface (double, tokenizer: ${tokenizer})`,
    Layer.unwrap(Effect.map(GpuServer.start({ tokenizer }), ({ url }) => OpenAi.layer({ url, maxTokens: 128 })))
  )
}

// Where a real server is named, it must keep the same promises.
const named = (variable: string) =>
  Option.getOrUndefined(Effect.runSync(Config.option(Config.URL(variable)).pipe(Effect.orDie)))

const teiUrl = named("SHEAF_TEST_TEI_URL")
if (teiUrl !== undefined) suite(`Text Embeddings Inference at ${teiUrl.host}`, Tei.layer({ url: teiUrl }))

const openAiUrl = named("SHEAF_TEST_OPENAI_URL")
if (openAiUrl !== undefined) {
  const { apiKey, model } = Effect.runSync(
    Config.all({
      apiKey: Config.option(Config.Redacted("SHEAF_TEST_OPENAI_API_KEY")),
      model: Config.option(Config.String("SHEAF_TEST_OPENAI_MODEL"))
    }).pipe(Effect.orDie)
  )
  suite(
    `OpenAI's interface at ${openAiUrl.host}`,
    OpenAi.layer({ url: openAiUrl, apiKey: Option.getOrUndefined(apiKey), model: Option.getOrUndefined(model) })
  )
}
