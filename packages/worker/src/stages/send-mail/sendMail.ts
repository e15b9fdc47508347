import { Mailer } from "@sheaf/adapters/notify/Mailer"
import { MailsRepo } from "@sheaf/adapters/repos/notifications/MailsRepo"
import { Duration, Effect, Option, Random } from "effect"
import * as Stage from "../../pipeline/Stage.ts"
import { maxTries, waitAfter } from "../deliver/schedule.ts"
import { compose } from "./compose.ts"

/** A mail of documents goes when nothing was added to it for so long and nothing is at work, */
const rest = Duration.seconds(20)
/** or at the latest after so long: then another one begins. */
const longest = Duration.hours(6)
/** How often that is looked at. */
const look = Duration.seconds(10)

/**
 * Sends a mail once there is nothing more to tell in it. It is closed before it is sent, so that every attempt sends the same under the same
 * Message-ID; a server that does not take it on is asked again for a day, as webhooks are.
 */
export const sendMail = Effect.gen(function*() {
  const mailer = yield* Mailer
  const mails = yield* MailsRepo

  const again = (reason: string, delay: Duration.Duration) =>
    Effect.fail(new Stage.TryAgain({ reason, patient: true, delay }))

  return Stage.make({
    handles: "SendMail",
    concurrency: 2,
    timeout: "2 minutes",
    run: Effect.fn("sendMail")(function*({ claim: { tenantId }, job: { mailId }, write }) {
      const found = yield* mails.owed(tenantId, mailId)
      if (Option.isNone(found)) return Stage.nothing
      const mail = found.value
      if (mail.waitMs > 0) return yield* again("its next attempt is not due yet", Duration.millis(mail.waitMs))
      const isBusy = mail.dataset !== null && (mail.isAtWork || mail.restMs < Duration.toMillis(rest))
      if (mail.state === "gathering" && isBusy && mail.ageMs < Duration.toMillis(longest)) {
        return yield* again("there may be more to tell", look)
      }
      yield* write(mails.close(tenantId, mailId))
      // Something may have been added just before.
      const closed = yield* mails.owed(tenantId, mailId)
      if (Option.isNone(closed)) return Stage.nothing
      const refused = yield* mailer.send(compose(closed.value)).pipe(
        Effect.as(undefined),
        Effect.catch((refusal) => Effect.succeed(refusal))
      )
      if (refused === undefined) return mails.sent(tenantId, mailId)
      const tries = mail.tries + 1
      yield* Effect.logWarning("a mail was not taken on", { mailId, tries, detail: refused.detail })
      if (!refused.isRetryable || tries >= maxTries) return mails.failed(tenantId, mailId, refused.detail)
      const delay = waitAfter(tries, yield* Random.next)
      yield* write(mails.failed(tenantId, mailId, refused.detail, delay))
      return yield* again(`attempt ${tries} failed (${refused.detail})`, delay)
    })
  })
})
