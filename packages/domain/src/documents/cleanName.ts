const separators = /[/\\]+/
// oxlint-disable-next-line no-control-regex
const unfit = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/**
 * The name to show for what a client sent: the last part of a path, without control and direction-changing characters,
 * cut to 255 bytes before its extension. Never empty.
 */
export const cleanName = (sent: string): string => {
  const last =
    sent.toWellFormed().normalize("NFC").split(separators).findLast((part) =>
      part.trim() !== "" && !/^\.+$/.test(part)
    ) ??
      ""
  const clean = last.replace(unfit, "").trim()
  return clean === "" ? "unnamed" : cut(clean)
}

const bytes = (text: string): number => new TextEncoder().encode(text).length

const cut = (name: string): string => {
  if (bytes(name) <= 255) return name
  const dot = name.lastIndexOf(".")
  const extension = dot > 0 && bytes(name.slice(dot)) <= 32 ? name.slice(dot) : ""
  const kept: Array<string> = []
  let room = 255 - bytes(extension)
  for (const character of name.slice(0, name.length - extension.length)) {
    room -= bytes(character)
    if (room < 0) break
    kept.push(character)
  }
  return kept.join("") + extension
}
