import { assert, it } from "@effect/vitest"
import { type Letter, Mailer } from "@sheaf/adapters/notify/Mailer"
import * as Smtp from "@sheaf/adapters/notify/smtp"
import { MailAddress } from "@sheaf/domain/notifications/Subscription"
import { Effect, Redacted, Schema } from "effect"
import type { AddressInfo } from "node:net"
import { SMTPServer } from "smtp-server"

interface Taken {
  readonly to: ReadonlyArray<string>
  readonly text: string
  readonly user: string | undefined
}

/** A mail server of the usual kind. It knows one user, and refuses addresses that begin with `no`, for good, or `later`. */
const mailServer = Effect.gen(function*() {
  const taken: Array<Taken> = []
  const refusal = (code: number) => Object.assign(new Error("not here"), { responseCode: code })
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onAuth: ({ password, username }, _session, done) =>
      password === "secret" ? done(null, { user: username! }) : done(new Error("wrong password")),
    onRcptTo: ({ address }, _session, done) =>
      done(address.startsWith("no") ? refusal(550) : address.startsWith("later") ? refusal(451) : null),
    onData: (stream, { envelope, user }, done) => {
      const pieces: Array<Buffer> = []
      stream.on("data", (piece: Buffer) => pieces.push(piece))
      stream.on("end", () => {
        taken.push({
          to: envelope.rcptTo.map(({ address }) => address),
          text: Buffer.concat(pieces).toString("utf8"),
          user: typeof user === "string" ? user : undefined
        })
        done()
      })
    }
  })
  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => {
      server.listen(0, "127.0.0.1", () => resume(Effect.void))
    }),
    () => Effect.callback<void>((resume) => server.close(() => resume(Effect.void)))
  )
  // The port of a server that listens on TCP.
  const { port } = server.server.address() as AddressInfo
  return { taken, port }
})

const letter: Letter = {
  id: "mail-1",
  to: "reader@example.com",
  subject: "log.md is published: ☂",
  text: "One line.\n"
}

const send = (letter: Letter, options: Partial<Smtp.Options> & { readonly port: number }) =>
  Effect.flatMap(Mailer, ({ send }) => send(letter)).pipe(
    Effect.provide(Smtp.layer({
      host: "127.0.0.1",
      security: "none",
      login: undefined,
      from: "Sheaf <sheaf@example.com>",
      ...options
    }))
  )

it.live("a mail server gets a letter as it is, under a Message-ID that stays", () =>
  Effect.gen(function*() {
    const { port, taken } = yield* mailServer
    const login = { user: "sheaf", password: Redacted.make("secret") }
    yield* send(letter, { port, login })
    yield* send(letter, { port, login })
    assert.deepStrictEqual(taken.map(({ to, user }) => [...to, user]), [
      ["reader@example.com", "sheaf"],
      ["reader@example.com", "sheaf"]
    ])
    for (const { text } of taken) {
      assert.match(text, /^Message-ID: <mail-1@example\.com>\r$/im)
      assert.match(text, /^From: Sheaf <sheaf@example\.com>\r$/im)
      assert.match(text, /^Auto-Submitted: auto-generated\r$/im)
      assert.include(text, "One line.")
    }
  }).pipe(Effect.scoped))

it.live("says whether a letter may be taken on later", () =>
  Effect.gen(function*() {
    const { port, taken } = yield* mailServer
    const refused = (to: string, options: Partial<Smtp.Options> = {}) =>
      Effect.map(Effect.flip(send({ ...letter, to }, { port, ...options })), ({ isRetryable }) => isRetryable)
    assert.isFalse(yield* refused("nobody@example.com"))
    assert.isTrue(yield* refused("later@example.com"))
    const wrong = { user: "sheaf", password: Redacted.make("wrong") }
    assert.isTrue(yield* refused("reader@example.com", { login: wrong }))
    // It does not offer what is asked for: nothing is said in the clear.
    assert.isTrue(yield* refused("reader@example.com", { security: "starttls" }))
    assert.isTrue(yield* refused("reader@example.com", { port: 1 }))
    assert.lengthOf(taken, 0)
  }).pipe(Effect.scoped))

it("an address is one address, and nothing that a mail server would read as more", () => {
  const isAddress = Schema.is(MailAddress)
  for (const good of ["a@example.com", "first.last+sheaf@mail.example.co", "a@localhost"]) {
    assert.isTrue(isAddress(good), good)
  }
  const bad = [
    "",
    "a",
    "a@",
    "@b",
    "a@b@c",
    "a b@c.d",
    "a@b.c,d@e.f",
    "a@b.c\r\nBcc: d@e.f",
    "<a@b.c>",
    "a@-b.c",
    "a@b..c"
  ]
  for (const one of bad) assert.isFalse(isAddress(one), one)
})
