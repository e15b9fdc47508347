import { GuardedFetch } from "@sheaf/adapters/fetch/GuardedFetch"
import { Effect, Option, Stream } from "effect"
import { createHash } from "node:crypto"
import { isRecord, type Json } from "../../parsing/json/lines.ts"
import type { JsonObject } from "../../parsing/notion/format.ts"

/** Bytes of one file. */
export const maxFile = 20 * 1_024 * 1_024

const patience = "2 minutes"

/** What can be read or shown; sound and film cannot, and stay where they are. */
const fetched = new Set(["image", "file", "pdf"])

export interface HostedFile {
  readonly hash: string
  readonly bytes: Uint8Array
  readonly mediaType: string
  readonly name: string | undefined
}

/** Where Notion keeps the file of a block for the next hour. What lies elsewhere is a link, and stays one. */
export const hostedUrl = (type: string, content: JsonObject): string | undefined => {
  const file: Json = content["file"] ?? null
  if (!fetched.has(type) || content["type"] !== "file" || !isRecord(file)) return undefined
  return typeof file["url"] === "string" ? file["url"] : undefined
}

/** What it is called: by its block, or by the last part of its address. */
export const nameOf = (url: string, { name }: JsonObject): string | undefined => {
  if (typeof name === "string" && name.trim() !== "") return name
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  const last = parsed?.pathname.split("/").at(-1) ?? ""
  try {
    return decodeURIComponent(last) || undefined
  } catch {
    return last
  }
}

/** The bytes, or why there are none, in words that do not change from one time to the next. */
export const fetchHosted = Effect.fn("Notion.fetchHosted")(
  function*(url: string, content: JsonObject) {
    const fetch = yield* GuardedFetch
    const { bytes, mediaType } = yield* fetch.get(url, { maxBytes: maxFile })
    const pieces = yield* Stream.runCollect(bytes)
    const whole = Buffer.concat(pieces)
    const file: HostedFile = {
      hash: createHash("sha256").update(whole).digest("hex"),
      bytes: whole,
      mediaType: mediaType ?? "application/octet-stream",
      name: nameOf(url, content)
    }
    return file
  },
  Effect.scoped,
  Effect.timeoutOption(patience),
  (effect) =>
    Effect.map(
      effect,
      Option.match({
        onNone: () => ({ _tag: "Missing", why: "it took too long" }) as const,
        onSome: (file) => ({ _tag: "Found", file }) as const
      })
    ).pipe(Effect.catch((error) => Effect.succeed({ _tag: "Missing", why: error.message } as const)))
)
