const maxLength = 40

/** What says that there is none. */
const none = new Set([
  "default",
  "plain text",
  "plaintext",
  "plain",
  "text",
  "txt",
  "none",
  "nohighlight",
  "no-highlight"
])

/** The language that code is marked with, in lower case as it is called there; undefined for none. */
export const codeLanguage = (marked: string): string | undefined => {
  const language = marked.trim().toLowerCase()
  if (language === "" || language.length > maxLength || /\p{C}/u.test(language) || none.has(language)) return undefined
  return language
}
