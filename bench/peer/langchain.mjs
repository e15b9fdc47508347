// `langchain.mjs CHARACTERS WARM-UP FILE...`: what people write first. Loads PDFs, splits, embeds and keeps all in memory, with the
// embedder that Sheaf uses, threads and all. Prints one line of JSON for each file after the warm-up. Plain JavaScript, as the
// packages are not there when the types of this repository are checked.
import { PDFLoader } from "@langchain/community/document_loaders/fs/pdf"
import { MemoryVectorStore } from "@langchain/classic/vectorstores/memory"
import { Embeddings } from "@langchain/core/embeddings"
import { RecursiveCharacterTextSplitter } from "@langchain/textsplitters"
import { ManagedRuntime } from "effect"
import { writeSync } from "node:fs"
import { Embedder } from "../../packages/adapters/src/embedding/Embedder.ts"
import * as Bundled from "../../packages/adapters/src/embedding/bundled.ts"

const [characters, warmUp, ...files] = process.argv.slice(2)

const runtime = ManagedRuntime.make(Bundled.layer())
const embedder = await runtime.runPromise(Embedder)

class SheafEmbeddings extends Embeddings {
  async embedDocuments(texts) {
    const vectors = await runtime.runPromise(embedder.embedDocuments(texts))
    return vectors.map((vector) => Array.from(vector))
  }

  async embedQuery(text) {
    return Array.from(await runtime.runPromise(embedder.embedQuery(text)))
  }
}

const embeddings = new SheafEmbeddings({})

const ingest = async (file) => {
  const begin = performance.now()
  const pages = await new PDFLoader(file).load()
  const loaded = performance.now()
  const splitter = new RecursiveCharacterTextSplitter({ chunkSize: Number(characters), chunkOverlap: 0 })
  const chunks = await splitter.splitDocuments(pages)
  const split = performance.now()
  await MemoryVectorStore.fromDocuments(chunks, embeddings)
  const end = performance.now()
  return {
    file,
    loadMs: loaded - begin,
    splitMs: split - loaded,
    embedMs: end - split,
    totalMs: end - begin,
    chunks: chunks.length,
    characters: chunks.reduce((sum, chunk) => sum + chunk.pageContent.length, 0)
  }
}

await ingest(warmUp)
for (const file of files) writeSync(1, `${JSON.stringify(await ingest(file))}\n`)
await runtime.dispose()
