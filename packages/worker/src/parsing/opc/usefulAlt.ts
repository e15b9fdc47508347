/** What an author says that a picture shows; empty for names of files, and for what programs put in by themselves. */
export const usefulAlt = (alt: string): string => {
  const text = alt.trim()
  return text.length < 3 || /^\S+\.(?:png|jpe?g|gif|svg|webp|bmp|tiff?|emf|wmf)$/i.test(text) ||
      /^(?:image|picture|graphic|grafik|bild)\s*\d*$/i.test(text)
    ? ""
    : text
}
