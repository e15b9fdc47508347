import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { hashOf } from "../jail/assets.ts"
import { outline, parseContent } from "../testFile.ts"

const prose = "The pump moves water from the well to the tank. ".repeat(6).trim()

const page = `<!doctype html><html><head><title>Pumps – Acme</title><style>p{}</style></head><body>
<header><a href=/>Home</a> <a href=/a>Products</a> <a href=/b>About</a></header>
<nav><ul><li><a href=1>Menu one</a></ul></nav>
<main>
  <h1>Pumps</h1>
  <p>${prose}</p><p hidden>Not this</p><p style="display: none">Nor this</p>
  <h2>Parts &amp; sizes</h2>
  <ul><li>Rotor<li>Seal <ul><li>inner</ul></ul>
  <ol start=4><li>four</ol>
  <dl><dt>Flow</dt><dd>12 l/s</dd></dl>
  <table><caption>Sizes</caption><tr><th>Type<th>Bore<tr><td>A<td>10<tr><td colspan=2>none</table>
  <pre><code>pump --start
  pump --stop</code></pre>
  <figure><img src=x.png alt="A pump cut open"><figcaption>Fig. 1</figcaption></figure>
  one<br><br>two
  <script>alert("no")</script>
</main>
<aside>Buy now</aside><div class="cookie-banner">We use cookies</div><footer>© Acme</footer>
</body></html>`

describe("htmlParser", () => {
  it.effect("keeps what code is written in, however the page says it", () =>
    Effect.gen(function*() {
      const parsed = yield* parseContent(
        `<main lang=en class=lang-en><h1>Pumps</h1><pre><code class="hljs language-python">pump()</code></pre>
        <div class="highlight highlight-source-js"><pre>pump()</pre></div>
        <div class="highlight-c++ notranslate"><div class=highlight><pre><span></span>pump();</pre></div></div>
        <pre class=lang-text>pump</pre><pre>pump</pre></main>`,
        "page.html"
      )
      assert.deepStrictEqual(
        parsed.elements.filter(({ kind }) => kind === "code").map(({ language }) => language),
        ["python", "js", "c++", undefined, undefined]
      )
    }))

  it.effect("reads the main content of a page and leaves out what is around it", () =>
    Effect.gen(function*() {
      const parsed = yield* parseContent(page, "page.html")
      assert.deepStrictEqual(outline(parsed), [
        "title1: Pumps",
        `paragraph: ${prose}`,
        "title2: Parts & sizes",
        "list: - Rotor\n- Seal\n  - inner",
        "list: 4. four",
        "list: - Flow: 12 l/s",
        "caption: Sizes",
        "table: Type | Bore\nA | 10\nnone | ",
        "code: pump --start\n  pump --stop",
        "image: A pump cut open",
        "caption: Fig. 1",
        "paragraph: one",
        "paragraph: two"
      ])
      assert.deepStrictEqual(parsed.elements[7]!.rows, [["Type", "Bore"], ["A", "10"], ["none", ""]])
    }))

  it.effect("takes the title element where there is no topmost heading", () =>
    Effect.gen(function*() {
      const parsed = yield* parseContent("<title>A &amp; B</title><h2>x</h2><p>y", "a.html")
      assert.deepStrictEqual(outline(parsed), ["title1: A & B", "title2: x", "paragraph: y"])
    }))

  it.effect("keeps a page that consists of links", () =>
    Effect.gen(function*() {
      const parsed = yield* parseContent(
        "<ul><li><a href=1>One</a><li><a href=2>Two</a><li><a href=3>Three</a></ul>",
        "a.html"
      )
      assert.deepStrictEqual(outline(parsed), ["list: - One\n- Two\n- Three"])
    }))

  it.effect("reads through a table that only places things", () =>
    Effect.gen(function*() {
      const parsed = yield* parseContent("<table><tr><td><h2>Left</h2>text<td><p>right</table>", "a.html")
      assert.deepStrictEqual(outline(parsed), ["title2: Left", "paragraph: text", "paragraph: right"])
    }))

  it.effect("hands out pictures that are in the page, with what is said beside them, and fetches none", () =>
    Effect.gen(function*() {
      const picture = (fill: number) => `data:image/png;base64,${Buffer.alloc(200, fill).toString("base64")}`
      const parsed = yield* parseContent(
        `<main><h1>Pumps</h1><p>${prose}</p><p><img src="${picture(1)}" alt="A pump cut open"></p>
          <figure><img src="${picture(2)}"><figcaption>Fig. 2</figcaption></figure>
          <ul><li>See <img src="${
          picture(1)
        }" alt="it again"></ul><p>Words <img src="http://x.y/far.png" alt="far away">
          <img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><p>End <img src="data:text/html,<p>no"></p></main>`,
        "page.html"
      )
      assert.deepStrictEqual(outline(parsed).slice(2), [
        "image: A pump cut open",
        "caption: Fig. 2",
        "list: - See it again",
        "paragraph: Words far away",
        "paragraph: End"
      ])
      const [first, second] = parsed.assets.map(({ bytes }) => hashOf(bytes))
      assert.deepStrictEqual(parsed.elements.slice(2).map(({ assets }) => assets?.map(({ hash }) => hash)), [
        [first],
        [second],
        [first],
        undefined,
        undefined
      ])
    }))

  it.effect("finds the article in a page of other things, and calls it what its heading says", () =>
    Effect.gen(function*() {
      const card = (at: number) =>
        `<div class="grid"><a href=${at}><img src=x alt="Card"><h4>Another story ${at}</h4></a><p>What the other story is about, in a line.</p></div>`
      const parsed = yield* parseContent(
        `<title>Pumps of old | Acme News</title><div class="top"><h1>Pumps of old</h1></div>
        <div class=wrap><div class=story-col><p>${prose}</p><p>Advertisement</p><section id="sharing-work-with-one-other-person"><h2>Sharing</h2>
        <p>${prose}</p></section><h3>Related stories</h3><p>Short</p></div>
        <div class=col2>${[1, 2, 3, 4].map(card).join("")}</div></div>`,
        "a.html"
      )
      assert.deepStrictEqual(outline(parsed), [
        "title1: Pumps of old",
        `paragraph: ${prose}`,
        "title2: Sharing",
        `paragraph: ${prose}`
      ])
    }))

  it.effect("survives attributes of megabytes, and many of them", () =>
    Effect.gen(function*() {
      const attributes = Array.from({ length: 20_000 }, (_, at) => `a${at}=x`).join(" ")
      const parsed = yield* parseContent(
        `<p>before</p><div class="${"x ".repeat(2_000_000)}" ${attributes}><p style="${
          ";".repeat(3_000_000)
        }">inside</p></div>`,
        "a.html"
      )
      assert.deepStrictEqual(outline(parsed), ["paragraph: before", "paragraph: inside"])
    }), 30_000)

  it.effect("survives 100,000 nested elements", () =>
    Effect.gen(function*() {
      const parsed = yield* parseContent(`<p>before</p>${"<div>".repeat(100_000)}deep`, "a.html")
      assert.deepStrictEqual(outline(parsed), ["paragraph: before", "paragraph: deep"])
    }), 30_000)
})
