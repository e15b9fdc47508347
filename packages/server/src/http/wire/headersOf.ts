import { Headers } from "effect/http"

type Pairs = ReadonlyArray<readonly [string, string]>

const isSame = (some: Pairs, others: Pairs): boolean =>
  some.length === others.length &&
  some.every((pair, at) => pair[0] === others[at]![0] && pair[1] === others[at]![1])

/**
 * The headers that a call comes with: those of the request that its connection began with, and over them those of its message. They are
 * nearly always those of the message before.
 */
export const makeHeadersOf = (opened: Headers.Headers): (sent: Pairs) => Headers.Headers => {
  let before: Pairs = []
  let merged = opened
  return (sent) => {
    if (!isSame(before, sent)) {
      merged = Headers.merge(opened, Headers.fromInput(sent))
      before = sent
    }
    return merged
  }
}
