import { columnKey } from "@sheaf/domain/datasets/TableColumn"

/** What columns of questions and of answers are called where nobody says. */
const questions = new Set([
  "question",
  "questions",
  "q",
  "prompt",
  "frage",
  "fragen",
  "pregunta",
  "domanda",
  "问题",
  "問題",
  "质问",
  "質問"
])
const answers = new Set([
  "answer",
  "answers",
  "a",
  "response",
  "antwort",
  "antworten",
  "respuesta",
  "réponse",
  "risposta",
  "答案",
  "回答"
])

export interface PairColumns {
  readonly question: number
  readonly answer: number
  /** The first row names them, and is no pair. */
  readonly hasHeader: boolean
}

/**
 * Which columns of a table are questions and answers: those that settings name, those that are called so, or the first two of a table of
 * two columns. A first row whose first cell asks something is a pair like the others. `null`: none are.
 */
export const pairColumns = (
  first: ReadonlyArray<string>,
  named: { readonly question: string | undefined; readonly answer: string | undefined }
): PairColumns | null => {
  const keys = first.map(columnKey)
  const find = (name: string | undefined, known: ReadonlySet<string>) =>
    name === undefined ? keys.findIndex((key) => known.has(key)) : keys.indexOf(columnKey(name))
  const question = find(named.question, questions)
  const answer = find(named.answer, answers)
  if (question >= 0 && answer >= 0 && question !== answer) return { question, answer, hasHeader: true }
  if (named.question !== undefined || named.answer !== undefined || keys.length !== 2) return null
  return { question: 0, answer: 1, hasHeader: !/[?？]\s*$/u.test(first[0] ?? "") }
}
