const latin1 = new TextDecoder("latin1")

/** The character set that an HTML page names in a `meta` element, or XML in its first line; null when none does. */
export const declaredCharset = (head: Uint8Array): string | null => {
  const start = latin1.decode(head.subarray(0, 4_096))
  const found = /<meta\b[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,40})/i.exec(start) ??
    /^<\?xml\b[^>]{0,100}?encoding\s*=\s*["']([\w.:-]{2,40})/i.exec(start)
  return found?.[1]?.toLowerCase() ?? null
}
