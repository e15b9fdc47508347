import type { Limit, LimitChanges, TenantLimits } from "@sheaf/domain/admin/Limits"
import { quotaNames } from "@sheaf/domain/admin/Limits"
import { Sheaf } from "@sheaf/sdk/effect"
import { Effect, Record } from "effect"
import { Command, Flag } from "effect/cli"
import { Misused } from "../../terminal/failures.ts"
import { remote } from "../handled.ts"
import { printOne } from "../listing.ts"
import { tenant, tenantOf } from "./whichTenant.ts"

const limit = (name: string, what: string) =>
  Flag.String(name).pipe(
    Flag.withDescription(`${what}: a number, "unlimited", or "default" for what the installation says`),
    Flag.optional
  )

const flags = {
  datasets: limit("datasets", "Datasets"),
  documents: limit("documents", "Documents"),
  bytes: limit("bytes", "Bytes of originals"),
  segments: limit("segments", "Segments"),
  uploadsPerMinute: limit("uploads-per-minute", "Uploads a minute"),
  mutationsPerMinute: limit("mutations-per-minute", "Changes a minute"),
  searchesPerMinute: limit("searches-per-minute", "Searches a minute")
} as const satisfies { readonly [Name in keyof TenantLimits]: unknown }

const limitOf = Effect.fnUntraced(function*(text: string): Effect.fn.Return<Limit | null, Misused> {
  if (text === "default") return null
  if (text === "unlimited") return text
  const number = Number(text)
  if (/^\d{1,15}$/.test(text)) return number
  return yield* new Misused({ message: `"${text}" is no limit.`, hint: "Say a number, \"unlimited\" or \"default\"." })
})

export const limits = Command.make(
  "limits",
  {
    tenant,
    ...flags
  },
  remote(Effect.fnUntraced(function*({ tenant, ...given }) {
    const sheaf = yield* Sheaf
    const id = yield* tenantOf(tenant)
    const said = yield* Effect.all(Record.map(Record.getSomes(given), limitOf))
    const changes: LimitChanges = said
    const { limits, usage } = Record.size(said) === 0
      ? yield* sheaf.tenants.usage(id)
      : yield* sheaf.tenants.setLimits(id, changes)
    yield* printOne({ limits, usage }, {
      ...Object.fromEntries(quotaNames.map((name) => [name, `${usage[name]} of ${limits[name]}`])),
      "uploads a minute": limits.uploadsPerMinute,
      "changes a minute": limits.mutationsPerMinute,
      "searches a minute": limits.searchesPerMinute
    })
  }))
).pipe(
  Command.withDescription("Show what a tenant may have and what it has, or change it"),
  Command.withExamples([
    { command: "sheaf tenants limits acme" },
    { command: "sheaf tenants limits acme --documents 10000 --searches-per-minute 600" },
    { command: "sheaf tenants limits acme --documents default" }
  ])
)
