/** What `encodeURIComponent` leaves alone and RFC 8187 does not. */
const more = /['()*]/g

const encoded = (name: string): string =>
  encodeURIComponent(name).replace(more, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)

/** Always a download, under the document's name (RFC 6266): an ASCII look-alike for old clients, the name itself for the others. */
export const contentDisposition = (name: string): string => {
  const wellFormed = name.toWellFormed()
  const ascii = wellFormed.replace(/[^\x20-\x7e]|["\\%]/g, "_")
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded(wellFormed)}`
}
