import { Sheaf } from "@sheaf/sdk/effect"
import { Effect } from "effect"
import { Command } from "effect/cli"
import { Target } from "../../session/Target.ts"
import { printable } from "../../terminal/style.ts"
import { remote } from "../handled.ts"
import { printOne } from "../listing.ts"

/** Which server it is, by what it was named, and what the key may do there. */
export const printWho = Effect.gen(function*() {
  const sheaf = yield* Sheaf
  const { by, url } = yield* Target
  const [info, key] = yield* Effect.all([sheaf.info(), sheaf.keys.own()], { concurrency: 2 })
  const { profile, tenant, version } = info
  yield* printOne({ server: { url, by, version, profile }, tenant, key }, {
    server: url,
    "named by": by,
    version: `${version}, ${profile}`,
    tenant: `${tenant.name} (${tenant.id})`,
    key: `${printable(key.name)} (${key.prefix}…, ${key.id})`,
    scopes: key.scopes.join(", "),
    datasets: key.datasetIds?.join(", ") ?? "all that their permission allows",
    expires: key.expiresAt ?? "never"
  })
})

export const whoami = Command.make("whoami", {}, remote(() => printWho)).pipe(
  Command.withDescription(
    "Print which server commands talk to, by what it was named, and the tenant, name, scopes and datasets of the key"
  ),
  Command.withShortDescription("Print which server and key commands use"),
  Command.withExamples([{ command: "sheaf whoami" }, { command: "sheaf whoami --server work --json" }])
)
