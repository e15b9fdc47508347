// The library's two halves run in one thread here, and everything that one tells the other is cloned on its way. For the operators of a
// page that is a fifth of all work: an object for each letter, made of one that nobody changes.

interface Operators {
  readonly fnArray: Array<unknown>
  readonly argsArray: Array<unknown>
}

const clone = globalThis.structuredClone

const operatorsOf = (message: unknown): Operators | null => {
  if (typeof message !== "object" || message === null || !("chunk" in message)) return null
  const { chunk } = message
  if (typeof chunk !== "object" || chunk === null || !("fnArray" in chunk) || !("argsArray" in chunk)) return null
  const { argsArray, fnArray } = chunk
  return Array.isArray(fnArray) && Array.isArray(argsArray) ? { fnArray, argsArray } : null
}

/**
 * In place of `structuredClone` where nothing is drawn: operators come in lists of their own, because the library empties its lists
 * once they are sent, and are the same otherwise. Whoever draws writes to them, and must have clones.
 */
export const handOver: typeof structuredClone = (message, options) => {
  const operators = operatorsOf(message)
  if (operators === null) return clone(message, options)
  const { argsArray, fnArray } = operators
  return Object.assign({}, message, {
    chunk: { ...(message as { readonly chunk: object }).chunk, fnArray: [...fnArray], argsArray: [...argsArray] }
  })
}
