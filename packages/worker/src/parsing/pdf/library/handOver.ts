// The library's two halves run in one thread here, and everything that one tells the other is cloned on its way. For the operators of a
// page that is a fifth of all work: an object for each letter, made of one that nobody changes. Of the rest, most of what is told is small,
// and a clone costs more than what is done with it.

interface Operators {
  readonly chunk: object
  readonly fnArray: Array<unknown>
  readonly argsArray: Array<unknown>
}

const clone = globalThis.structuredClone

const operatorsOf = (message: object): Operators | null => {
  if (!("chunk" in message)) return null
  const { chunk } = message
  if (typeof chunk !== "object" || chunk === null || !("fnArray" in chunk) || !("argsArray" in chunk)) return null
  const { argsArray, fnArray } = chunk
  return Array.isArray(fnArray) && Array.isArray(argsArray) ? { chunk, fnArray, argsArray } : null
}

/** Questions about a page, each with a few numbers that nobody keeps. */
const questions: ReadonlySet<unknown> = new Set([
  "GetPage",
  "GetOperatorList",
  "GetAnnotationsByType",
  "StartRenderPage",
  "CleanupPage"
])

/** What is made for the message alone: answers, the signals of streams, and questions. What is moved, and fonts and pictures, are not. */
const isPassing = (message: object, options: StructuredSerializeOptions | undefined): boolean =>
  (options?.transfer ?? []).length === 0 && (!("action" in message) || questions.has(message.action))

/**
 * In place of `structuredClone` where nothing is drawn: operators come in lists of their own, because the library empties its lists
 * once they are sent, and are the same otherwise. Whoever draws writes to them, and must have clones.
 */
export const handOver: typeof structuredClone = (message, options) => {
  if (typeof message !== "object" || message === null) return clone(message, options)
  const operators = operatorsOf(message)
  if (operators === null) return isPassing(message, options) ? message : clone(message, options)
  const { argsArray, chunk, fnArray } = operators
  return Object.assign({}, message, {
    chunk: { ...chunk, fnArray: [...fnArray], argsArray: [...argsArray] }
  })
}
