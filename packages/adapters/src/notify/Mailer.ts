import { Context, Effect, Schema } from "effect"

/** A mail to one address. */
export interface Letter {
  /** The same for every attempt: the left part of its Message-ID. */
  readonly id: string
  readonly to: string
  readonly subject: string
  readonly text: string
}

/** It was not taken on. `isRetryable`: it may be later, without anybody changing the letter. */
export class MailRefused extends Schema.TaggedError<MailRefused>()("MailRefused", {
  detail: Schema.String,
  isRetryable: Schema.Boolean
}) {}

/** Brings mails to people. One that is taken on twice has the same Message-ID. */
export interface Mailing {
  readonly send: (letter: Letter) => Effect.Effect<void, MailRefused>
}

/** Where no server is configured, what would be sent is in the log. */
export const Mailer = Context.Reference<Mailing>("@sheaf/adapters/notify/Mailer/Mailer", {
  defaultValue: () => ({
    send: ({ subject, to }) => Effect.logInfo(`no mail server is set: ${to} is not told "${subject}"`)
  })
})
