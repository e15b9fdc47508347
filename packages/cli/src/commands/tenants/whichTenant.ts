import { Sheaf } from "@sheaf/sdk/effect"
import { Effect, Option, Stream } from "effect"
import { Argument } from "effect/cli"
import { Misused } from "../../terminal/failures.ts"

export const tenant = Argument.String("tenant").pipe(Argument.withDescription("Name or id of the tenant"))

/** The id of a tenant that is named or given by its id. */
export const tenantOf = Effect.fnUntraced(function*(given: string) {
  if (/^[0-9a-f]{8}-/i.test(given)) return given
  const sheaf = yield* Sheaf
  const found = yield* sheaf.tenants.all().pipe(Stream.filter(({ name }) => name === given), Stream.runHead)
  if (Option.isSome(found)) return found.value.id
  return yield* new Misused({ message: `There is no tenant ${given}.`, hint: "`sheaf tenants list` shows them." })
})
