import type { Letter } from "@sheaf/adapters/notify/Mailer"
import type { OwedMail } from "@sheaf/adapters/repos/notifications/MailsRepo"
import type { EventKind } from "@sheaf/domain/notifications/kinds"

/** What happened to documents, in the words of a subject line. */
const words: { readonly [Kind in EventKind]?: string } = {
  "document.published": "published",
  "document.failed": "failed"
}

/** No line of a mail breaks out of its place, whatever a document is called. */
const inLine = (text: string) => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")

const subjectOf = ({ counts, dataset, lines }: OwedMail): string => {
  const told = Object.values(counts).reduce<number>((sum, count) => sum + (count ?? 0), 0)
  if (told === 1 || dataset === null) return inLine(lines[0] ?? "Sheaf").slice(0, 150)
  const parts = Object.entries(counts).map(([kind, count]) => `${count} ${words[kind as EventKind] ?? kind}`)
  return inLine(`${dataset}: ${parts.join(", ")}`).slice(0, 150)
}

/** One mail, of one outcome or of a batch with its counts and first lines. */
export const compose = (mail: OwedMail): Letter => {
  const { address, counts, dataset, id, lines } = mail
  const told = Object.values(counts).reduce<number>((sum, count) => sum + (count ?? 0), 0)
  const more = told - lines.length
  return {
    id,
    to: address,
    subject: subjectOf(mail),
    text: [
      ...(dataset === null ? [] : [`In the dataset ${inLine(dataset)}:`, ""]),
      ...lines.map(inLine),
      ...(more > 0 ? [`And ${more} more.`] : []),
      ""
    ].join("\n")
  }
}
