// Claim: what people write first is no faster, and keeps nothing. The same PDFs through LangChain.js: `PDFLoader`,
// `RecursiveCharacterTextSplitter` (as many characters a piece as Sheaf's segments have on average, so its pieces are no longer),
// `MemoryVectorStore`, and the very embedder that Sheaf runs on, threads included. Sheaf writes everything to disk, finds headings and
// boxes, and indexes words as well.
// How: Sheaf as a server process over loopback, LangChain in a process of its own that has nothing else to do; both warm, in turns.
// The packages of the peer are installed when this bench first runs (bench/peer, 220 MB).
import { Effect, Schema } from "effect"
import * as Bench from "../framework/Bench.ts"
import { picturePdf, textPdf } from "../inputs/pdf.ts"
import { runNode } from "../support/node.ts"
import * as peers from "../support/peers.ts"
import * as Server from "../support/Server.ts"

const Line = Schema.fromJsonString(
  Schema.Struct({
    totalMs: Schema.Finite,
    loadMs: Schema.Finite,
    embedMs: Schema.Finite,
    chunks: Schema.Int,
    characters: Schema.Int
  })
)

/** Characters of a document's segments, on average. */
const averageLength = Effect.fnUntraced(function*(sheaf: Server.Client, documentId: string) {
  const { items } = yield* sheaf.segments.list({ documentId, limit: 200 })
  return Math.round(items.reduce((sum, segment) => sum + segment.text.length, 0) / items.length)
})

export default Bench.make({
  name: "peer-langchain",
  claim: "as fast as LangChain.js in memory, while being durable",
  minutes: 15,
  run: Effect.gen(function*() {
    const folder = yield* peers.install("peer", "LangChain.js")
    const files = [{ name: "200 pages of text", file: yield* textPdf(200) }, {
      name: "195 pages with pictures",
      file: yield* picturePdf
    }]
    const warmUp = yield* textPdf(1)
    const figures: Array<Bench.Figure> = []
    for (const { file, name } of files) {
      const sheaf = yield* Effect.scoped(Effect.gen(function*() {
        const server = yield* Server.warm({ embedder: "bundled" })
        const { document, ms } = yield* Server.ingest(server.sheaf, file, server.dataset)
        return { ms, document, characters: yield* averageLength(server.sheaf, document.id) }
      }))
      const output = yield* runNode(["langchain.mjs", `${sheaf.characters}`, warmUp, file], { cwd: folder })
      const peer = yield* Schema.decodeEffect(Line)(output.trim())
      figures.push(
        { name: `${name}, Sheaf`, value: sheaf.ms / 1_000, unit: "s", note: `${sheaf.document.segments} segments` },
        { name: `${name}, LangChain`, value: peer.totalMs / 1_000, unit: "s", note: `${peer.chunks} pieces` },
        { name: `${name}, of it loading`, value: peer.loadMs / 1_000, unit: "s" },
        { name: `${name}, characters a segment`, value: sheaf.characters, unit: "" },
        { name: `${name}, characters a piece`, value: peer.characters / peer.chunks, unit: "" },
        { name: `${name}, speed of LangChain`, value: peer.totalMs / sheaf.ms, unit: "x", target: { atLeast: 1 } }
      )
    }
    return figures
  })
})
