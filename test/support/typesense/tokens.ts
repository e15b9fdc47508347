/** The server cuts each word here. */
const longest = 100

const plain = /^[a-z0-9]{1,100}$/

/** Words as the server sees them: symbols dropped, ASCII and accented Latin letters folded, other scripts as they are. */
export const tokensOf = (text: string): ReadonlyArray<string> => {
  if (plain.test(text)) return [text]
  const tokens: Array<string> = []
  let token = ""
  const end = () => {
    if (token !== "") tokens.push(token.slice(0, longest))
    token = ""
  }
  for (const character of text) {
    if (/\s/.test(character)) {
      end()
      continue
    }
    const base = character.charCodeAt(0) < 128 ? character : character.normalize("NFKD").charAt(0)
    if (base.charCodeAt(0) >= 128) token += character
    else if (/[A-Za-z0-9]/.test(base)) token += base.toLowerCase()
  }
  end()
  return tokens
}

export const sameTokens = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): boolean =>
  a.length === b.length && a.every((token, i) => token === b[i])
