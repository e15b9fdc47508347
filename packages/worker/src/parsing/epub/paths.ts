import { posix } from "node:path"

/** The entry that a reference within another entry names, without what stands behind `#`; null for what is not in the container. */
export const resolve = (from: string, reference: string): string | null => {
  const [path = ""] = reference.trim().split("#", 1)
  if (path === "" || /^[a-z][a-z0-9+.-]*:/i.test(path)) return null
  const full = posix.normalize(posix.join("/", posix.dirname(from), decoded(path))).slice(1)
  return full === "" ? null : full
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
