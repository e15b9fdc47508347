import { createHmac } from "node:crypto"

/**
 * The headers of Standard Webhooks (standardwebhooks.com, version 1): a service checks that `v1,` and the base64 of HMAC-SHA256 over
 * `id.timestamp.body` is what it makes itself of the secret that both know.
 */
export const signed = (
  { body, id, secrets, seconds }: {
    readonly id: string
    /** Since 1970. */
    readonly seconds: number
    readonly body: string
    /** `whsec_` and base64, each of which signs; without one nothing is signed. */
    readonly secrets: ReadonlyArray<string>
  }
): Readonly<Record<string, string>> => ({
  "webhook-id": id,
  "webhook-timestamp": String(seconds),
  ...(secrets.length > 0 && {
    "webhook-signature": secrets.map((secret) =>
      `v1,${
        createHmac("sha256", Buffer.from(secret.replace(/^whsec_/, ""), "base64"))
          .update(`${id}.${seconds}.${body}`)
          .digest("base64")
      }`
    ).join(" ")
  })
})
