import { parentPort, workerData } from "node:worker_threads"
import type { EmbedReply, EmbedRequest, EmbedThreadOptions } from "./messages.ts"
import { load, Refused } from "./model.ts"

// Entry of a thread that embeds one text at a time. Anything unexpected ends the thread; its pool starts another.

// The pool starts it with these options; it is a worker by construction.
const options = workerData as EmbedThreadOptions
const parent = parentPort!
const embed = await load(options.dimension, options.maxTokens)

const answer = async ({ cut, text }: EmbedRequest): Promise<EmbedReply> => {
  try {
    return await embed(text, cut)
  } catch (error) {
    if (error instanceof Refused) return error.message
    throw error
  }
}

parent.on("message", (request: EmbedRequest) => {
  void answer(request).then((reply) =>
    parent.postMessage(reply, typeof reply === "string" ? [] : [reply.buffer as ArrayBuffer])
  )
})
