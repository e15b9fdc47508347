const jsonNames = new Set(["json", "jsonc", "geojson", "topojson", "ipynb", "webmanifest", "har"])
const lineNames = new Set(["jsonl", "ndjson", "jsonlines", "ldjson"])

/** How objects and lists of them begin; prose that begins with a bracket goes on otherwise. */
const opening = /^(?:\{\s*(?:\}|"(?:[^"\\\n]|\\.){0,500}"\s*:)|\[\s*(?:\[|\{\s*(?:\}|"(?:[^"\\\n]|\\.){0,500}"\s*:)))/

/**
 * Whether a text is JSON, or has a value of JSON in each line. A text that is short enough to be seen whole must hold; of a longer one its
 * beginning must. By its name a file may be JSON although it does not hold: people write comments into it.
 */
export const jsonType = (text: string, extension: string, goesOn: boolean): string | null => {
  const named = jsonNames.has(extension) || lineNames.has(extension)
  if (!/^[{[]/.test(text)) return named && !goesOn && holds(text) ? "application/json" : null
  const lines = text.split("\n", 8).map((line) => line.trim()).filter((line) => line !== "")
  // The last line may be cut off: by the limit above, or because the text goes on.
  const whole = goesOn || text.split("\n", 9).length > 8 ? lines.slice(0, -1) : lines
  const values = whole.filter(isLine).length
  if (lineNames.has(extension) && values > 0) return "application/x-ndjson"
  if (values > 1 && values === whole.length) return "application/x-ndjson"
  if (jsonNames.has(extension)) return "application/json"
  return opening.test(text) && (goesOn || holds(text)) ? "application/json" : null
}

const isLine = (line: string): boolean => /^[{[]/.test(line) && holds(line)

const holds = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
