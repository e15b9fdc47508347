import annotations from "./benches/annotations.ts"
import deletion from "./benches/delete.ts"
import disable from "./benches/disable.ts"
import eventLoop from "./benches/eventLoop.ts"
import hostile from "./benches/hostile.ts"
import jobs from "./benches/jobs.ts"
import lists from "./benches/lists.ts"
import memory from "./benches/memory.ts"
import parserMemory from "./benches/parserMemory.ts"
import pdfText from "./benches/pdfText.ts"
import peerLangchain from "./benches/peerLangchain.ts"
import rpcEcho from "./benches/rpcEcho.ts"
import searchScale from "./benches/searchScale.ts"
import segmentRows from "./benches/segmentRows.ts"
import sync from "./benches/sync.ts"
import typesenseImport from "./benches/typesenseImport.ts"
import upload from "./benches/upload.ts"
import watchers from "./benches/watchers.ts"
import workers from "./benches/workers.ts"
import type { Bench } from "./framework/Bench.ts"

/** In the order in which they run. */
export const benches: ReadonlyArray<Bench> = [
  upload,
  pdfText,
  eventLoop,
  memory,
  parserMemory,
  hostile,
  searchScale,
  typesenseImport,
  peerLangchain,
  jobs,
  segmentRows,
  lists,
  annotations,
  sync,
  watchers,
  disable,
  deletion,
  rpcEcho,
  workers
]
