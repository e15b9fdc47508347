import { parentPort } from "node:worker_threads"
import type { CountReply, CountRequest } from "./messages.ts"
import { vocabulary } from "./model.ts"
import { makeTokenizer } from "./Tokenizer.ts"

// Entry of the light thread that counts tokens, so that counting never waits behind embedding.

const parent = parentPort!
const { count } = makeTokenizer(vocabulary())

parent.on("message", (texts: CountRequest) => {
  const reply: CountReply = texts.map(count)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port has no origin; windows do
  parent.postMessage(reply)
})
