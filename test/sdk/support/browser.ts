import { Effect } from "effect"
import { chromium } from "playwright-core"
import type * as sdk from "@sheaf/sdk/index"

export type Sdk = typeof sdk

const quiet = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync"
]

/** Runs a function in Debian's Chromium, in a page of `origin` that has the SDK. It is sent there as text: it can use only what it is given. */
export const inPage = <Options, A>(
  origin: string,
  options: Options,
  run: (sdk: Sdk, options: Options) => Promise<A>
): Effect.Effect<A> =>
  Effect.acquireUseRelease(
    Effect.promise(() => chromium.launch({ executablePath: "/usr/bin/chromium", args: quiet })),
    (browser) =>
      Effect.promise(async (): Promise<A> => {
        const page = await browser.newPage()
        await page.goto(origin)
        await page.waitForFunction("globalThis.sdk !== undefined")
        return page.evaluate(`(${run})(globalThis.sdk, ${JSON.stringify(options)})`)
      }),
    (browser) => Effect.promise(() => browser.close())
  )
