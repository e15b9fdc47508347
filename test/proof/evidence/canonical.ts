import { createHash } from "node:crypto"

// Two installations that went through the same have other ids. Here every id gets a name that says what it is of, as far as the rows
// it stands in tell, so that states can be compared as text.

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g

const rounds = 5

const digest = (text: string) => createHash("sha256").update(text).digest("base64url").slice(0, 10)

/** The lines, sorted, with names in place of ids: equal if and only if one is the other with other ids, but for look-alikes. */
export const canonical = (lines: ReadonlyArray<string>): ReadonlyArray<string> => {
  let names = new Map<string, string>()
  for (const line of lines) for (const id of line.match(uuid) ?? []) names.set(id, "?")
  const told = (line: string, self?: string) =>
    line.replace(uuid, (id) => id === self ? "<self>" : `<${names.get(id)}>`)
  const mentions = [...names.keys()].map((id) => [id, lines.filter((line) => line.includes(id))] as const)
  for (let round = 0; round < rounds; round++) {
    names = new Map(mentions.map(([id, of]) => [id, digest(of.map((line) => told(line, id)).sort().join("\n"))]))
  }
  return lines.map((line) => told(line)).sort()
}

const count = (lines: ReadonlyArray<string>) => {
  const times = new Map<string, number>()
  for (const line of lines) times.set(line, (times.get(line) ?? 0) + 1)
  return times
}

/** What one state has and the other lacks, in words; nothing if they are the same. */
export const difference = (wanted: ReadonlyArray<string>, found: ReadonlyArray<string>): ReadonlyArray<string> => {
  if (wanted.join("\n") === found.join("\n")) return []
  // One line that differs gives other names to all it is linked with: what the lines say by themselves comes first.
  const plain = (lines: ReadonlyArray<string>) => count(lines.map((line) => line.replace(/<[\w-]{10}>/g, "<id>")))
  const [left, right] = [plain(wanted), plain(found)]
  const lines = (more: typeof left, fewer: typeof left) =>
    [...more].flatMap(([line, times]) =>
      Array.from({ length: Math.max(0, times - (fewer.get(line) ?? 0)) }, () => line)
    )
  const missing = lines(left, right)
  const told = lines(right, left).map((line) => {
    const at = missing.findIndex((other) => tableOf(other) === tableOf(line))
    return at < 0 ? `too much: ${short(line)}` : `otherwise: ${changes(missing.splice(at, 1)[0]!, line)}`
  })
  told.push(...missing.map((line) => `missing: ${short(line)}`))
  return told.length > 0 ? told : ["the rows are the same, and linked with each other in another way"]
}

const tableOf = (line: string) => line.split(" ", 1)[0]!
const short = (line: string) => line.slice(0, 300)

/** Where it is JSON, by its names. What users or servers gave may only look like it. */
const fieldsOf = (line: string): ReadonlyMap<string, string> => {
  const rest = line.slice(tableOf(line).length + 1)
  try {
    const row: unknown = JSON.parse(rest)
    if (typeof row !== "object" || row === null) return new Map([["", rest]])
    return new Map(Object.entries(row).map(([name, value]) => [name, JSON.stringify(value)]))
  } catch {
    return new Map([["", rest]])
  }
}

/** What is otherwise in a row. */
const changes = (wanted: string, found: string): string => {
  const [left, right] = [fieldsOf(wanted), fieldsOf(found)]
  const differing = [...new Set([...left.keys(), ...right.keys()])].filter((name) => left.get(name) !== right.get(name))
  return `${tableOf(wanted)} ${
    differing.map((name) => `${name}: ${apart(left.get(name) ?? "", right.get(name) ?? "").join(" became ")}`).join(
      "; "
    )
  }`
}

/** Two texts from where they part. */
const apart = (left: string, right: string): ReadonlyArray<string> => {
  const at = [...left].findIndex((sign, at) => sign !== right[at])
  const from = at < 0 ? left.length : Math.max(0, at - 20)
  return [left, right].map((text) => short(`${from > 0 ? "…" : ""}${text.slice(from, from + 120)}`))
}
