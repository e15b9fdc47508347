import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import iconv from "iconv-lite"
import { outline, parseContent } from "../testFile.ts"

const parseMail = (content: string | Uint8Array) => parseContent(content, "a.eml", { as: "message/rfc822" })

const base64 = (content: string | Uint8Array) => Buffer.from(content).toString("base64")

const head = [
  "From: =?utf-8?q?J=C3=B8rn?= <jorn@example.org>",
  "To: Ann <ann@example.org>, bob@example.org",
  "Subject: =?iso-8859-1?q?Gr=FC=DFe?=",
  " aus Oslo",
  "Date: Fri, 21 Nov 1997 09:55:06 -0600",
  "MIME-Version: 1.0"
].join("\r\n")

const multipart = (kind: string, boundary: string, parts: ReadonlyArray<string>) =>
  [
    `Content-Type: multipart/${kind}; boundary="${boundary}"`,
    "",
    ...parts.flatMap((part) => [`--${boundary}`, part]),
    `--${boundary}--`,
    ""
  ].join("\r\n")

const part = (headers: ReadonlyArray<string>, body: string) => [...headers, "", body].join("\r\n")

const picture = Buffer.alloc(300, 7)

describe("emlParser", () => {
  it.effect("reads who wrote what to whom, and marks what is quoted", () =>
    Effect.gen(function*() {
      const body = "Yes, 2 pumps.\r\n\r\nOn Friday Ann wrote:\r\n> How many?\r\n>\r\n> > And when?\r\n\r\nBest, J."
      assert.deepStrictEqual(outline(yield* parseMail(`${head}\r\n\r\n${body}`)), [
        "title1: Grüße aus Oslo",
        "list: From: Jørn <jorn@example.org>\nTo: Ann <ann@example.org>, bob@example.org\nDate: 1997-11-21T15:55:06.000Z",
        "paragraph: Yes, 2 pumps.",
        "paragraph: On Friday Ann wrote:",
        "paragraph: > How many?",
        "paragraph: > And when?",
        "paragraph: Best, J."
      ])
    }))

  it.effect("takes the HTML of a mail that is written twice, with its pictures, and hands out what is attached", () =>
    Effect.gen(function*() {
      const html = "<p>See <img src='cid:one@x' alt='the pump'></p><table><tr><td>a<td>b</table>" +
        "<div class=gmail_quote>On Friday:<blockquote><ul><li>old</ul></blockquote></div><img src=http://x.y/count.gif>"
      const inner = "Subject: =?utf-8?b?SW5uZXI=?=\r\n\r\nInner words."
      const parsed = yield* parseMail(`${head}\r\n${
        multipart("mixed", "m", [
          multipart("related", "r", [
            multipart("alternative", "a", [
              part(["Content-Type: text/plain; charset=utf-8"], "See the pump"),
              part(["Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: base64"], base64(html))
            ]),
            part(
              ["Content-Type: image/png", "Content-ID: <one@x>", "Content-Transfer-Encoding: base64"],
              base64(picture)
            )
          ]),
          part(
            [
              "Content-Type: text/csv",
              "Content-Disposition: attachment; filename*=utf-8''pr%C3%A9cis.csv",
              "Content-Transfer-Encoding: base64"
            ],
            base64("a,b\n1,2")
          ),
          part(["Content-Type: message/rfc822"], inner),
          part(["Content-Type: application/pgp-signature; name=s.asc"], "-----BEGIN PGP SIGNATURE-----")
        ])
      }`)
      assert.deepStrictEqual(outline(parsed).slice(2), [
        "paragraph: See the pump",
        "table: a | b",
        "paragraph: > On Friday:",
        "list: > - old",
        "list: Attachments:\n- précis.csv (7 B)\n- Inner.eml (44 B)"
      ])
      assert.deepStrictEqual(parsed.assets.map(({ mediaType, name }) => [mediaType, name]), [
        ["image/png", undefined],
        ["text/csv", "précis.csv"],
        ["message/rfc822", "Inner.eml"]
      ])
      assert.strictEqual(
        Buffer.from(parsed.assets[2]!.bytes).toString().replaceAll("\r\n", "\n").trim(),
        inner.replaceAll("\r\n", "\n")
      )
      assert.deepStrictEqual(parsed.elements.at(-1)!.assets!.map(({ role }) => role), ["attachment", "attachment"])
    }))

  it.effect("reads character sets of the East and the West", () =>
    Effect.gen(function*() {
      const cases: ReadonlyArray<readonly [charset: string, bytes: Uint8Array, text: string]> = [
        ["iso-2022-jp", Buffer.from("\u001b$BF|K\\8l\u001b(B", "latin1"), "日本語"],
        ["ks_c_5601-1987", iconv.encode("스티해", "euc-kr"), "스티해"],
        ["koi8-r", iconv.encode("Привет", "koi8-r"), "Привет"]
      ]
      for (const [charset, bytes, text] of cases) {
        const start = Buffer.from(`${head}\r\nContent-Type: text/plain; charset=${charset}\r\n\r\n`)
        assert.strictEqual(outline(yield* parseMail(Buffer.concat([start, bytes]))).at(-1), `paragraph: ${text}`)
      }
    }))

  it.effect("tells a mail that only its receiver can read", () =>
    Effect.gen(function*() {
      const { failure } = yield* Effect.flip(
        parseMail(
          `${head}\r\n${
            part(
              ["Content-Type: application/pkcs7-mime; name=smime.p7m", "Content-Transfer-Encoding: base64"],
              base64(picture)
            )
          }`
        )
      )
      assert.deepStrictEqual(failure, { _tag: "Encrypted", wrongPassword: false })
    }))

  it.effect("bounds parts within parts, and the number of attachments", () =>
    Effect.gen(function*() {
      let nested = part(["Content-Type: text/plain"], "deep")
      for (let depth = 0; depth < 200; depth++) nested = multipart("mixed", `b${depth}`, [nested])
      const { failure } = yield* Effect.flip(parseMail(`${head}\r\n${nested}`))
      assert.strictEqual(failure._tag, "TooLarge")
      const many = Array.from({ length: 130 }, (_, at) =>
        part(["Content-Type: text/plain", `Content-Disposition: attachment; filename=${at}.txt`], `words ${at}`))
      const parsed = yield* parseMail(`${head}\r\n${multipart("mixed", "m", many)}`)
      assert.strictEqual(parsed.assets.length, 100)
      assert.match(parsed.warnings[0]!.detail, /^30 attachments/)
    }))

  it.effect("reads any bytes as a mail, or says why not", () =>
    Effect.promise(() => {
      const line = fc.constantFrom(
        "Content-Type: multipart/mixed; boundary=x",
        "Content-Type: text/html",
        "Content-Transfer-Encoding: base64",
        "Content-Transfer-Encoding: quoted-printable",
        "Content-Disposition: attachment; filename=\"=?x?q?=FF?=\"",
        "Subject: =?utf-8?b?////?=",
        "Date: 59:10",
        "--x",
        "--x--",
        "",
        "=3D=FF=",
        "<b>words",
        "> quoted"
      )
      return fc.assert(
        fc.asyncProperty(fc.array(fc.oneof(line, fc.string()), { maxLength: 30 }), async (lines) => {
          await Effect.runPromise(Effect.result(parseMail(lines.join("\r\n"))))
        }),
        { numRuns: 40 }
      )
    }))
})
