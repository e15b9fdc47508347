import { Effect, Layer, Redacted } from "effect"
import { createTransport } from "nodemailer"
import { type Letter, Mailer, MailRefused } from "./Mailer.ts"

export interface Options {
  readonly host: string
  readonly port: number
  /** `tls`: from the first byte. `starttls`: before anything is said that matters. `none`: anybody on the way can read it. */
  readonly security: "tls" | "starttls" | "none"
  readonly login: { readonly user: string; readonly password: Redacted.Redacted } | undefined
  /** As it stands in the mail: an address, or a name and an address in angle brackets. */
  readonly from: string
}

/** What a server is given for each thing it has to say (ms). */
const patience = 20_000

const domainOf = (from: string) => /@([^>\s]+)/.exec(from)?.[1] ?? "localhost"

/** What is about the letter or its address: not about who may send at all, which somebody puts right while the letter waits. */
const aboutLetter: ReadonlySet<unknown> = new Set(["EENVELOPE", "EMESSAGE"])

/** Answers of 500 and above mean that the same letter will not be taken on later (RFC 5321, section 4.2.1). */
const isFinal = (error: Error & { readonly responseCode?: unknown; readonly code?: unknown }) =>
  aboutLetter.has(error.code) && typeof error.responseCode === "number" && error.responseCode >= 500

/** Sends over one connection at a time; what is not answered is closed, and opened again for the next letter. */
export const layer = ({ from, host, login, port, security }: Options): Layer.Layer<never> =>
  Layer.effect(
    Mailer,
    Effect.map(
      Effect.acquireRelease(
        Effect.sync(() =>
          createTransport({
            host,
            port,
            pool: true,
            maxConnections: 1,
            secure: security === "tls",
            requireTLS: security === "starttls",
            ignoreTLS: security === "none",
            connectionTimeout: patience,
            greetingTimeout: patience,
            socketTimeout: patience,
            disableFileAccess: true,
            disableUrlAccess: true,
            ...(login !== undefined && { auth: { user: login.user, pass: Redacted.value(login.password) } })
          })
        ),
        (transport) => Effect.sync(() => transport.close())
      ),
      (transport) => ({
        send: ({ id, subject, text, to }: Letter) =>
          Effect.tryPromise({
            try: () =>
              transport.sendMail({
                from,
                to: { name: "", address: to },
                subject,
                text,
                messageId: `<${id}@${domainOf(from)}>`,
                headers: { "auto-submitted": "auto-generated" }
              }),
            catch: (error) =>
              error instanceof Error
                ? new MailRefused({ detail: error.message, isRetryable: !isFinal(error) })
                : new MailRefused({ detail: "it was not taken on", isRetryable: true })
          }).pipe(Effect.asVoid, Effect.withSpan("Mailer.send"))
      })
    )
  )
