import { Effect, Stream } from "effect"
import type { SqlClient } from "effect/sql"
import type { Transformer } from "effect/sql/Statement"
import type { Script } from "./Script.ts"

// Ports with points around everything that they do. A method that a port gets later has its points without being named here.

/** What changes nothing has no boundary: dying after it is dying before it. */
const readers: ReadonlySet<string> = new Set([
  "candidates",
  "check",
  "count",
  "countTokens",
  "get",
  "list",
  "localFile",
  "page",
  "ready",
  "size",
  "staged"
])

/** A port, each of whose effects passes the script. */
export const gated = <Port extends object>(name: string, port: Port, script: Script): Port => {
  const around = <A, E, R>(method: string, effect: Effect.Effect<A, E, R>) =>
    readers.has(method)
      ? Effect.andThen(script.gate(), effect)
      : Effect.flatMap(script.occur(`${name}.${method}`), (occurrence) =>
        script.point(occurrence, "before").pipe(
          Effect.andThen(effect),
          Effect.tap(script.point(occurrence, "after"))
        ))
  // Whatever an effect needs, fails with and answers, it keeps.
  const wrap = (method: string, made: Effect.Effect<never> | Stream.Stream<never> | undefined): unknown => {
    if (Effect.isEffect(made)) return around(method, made)
    return Stream.isStream(made) ? Stream.unwrap(Effect.as(script.gate(), made)) : made
  }
  const methods = Object.entries(port).map(([method, value]) => [
    method,
    typeof value === "function"
      ? (...args: ReadonlyArray<unknown>) => wrap(method, value(...args))
      : wrap(method, value)
  ])
  // Every method keeps its signature: the points add neither results nor failures.
  return Object.fromEntries(methods) as Port
}

/** Taking a lease, or keeping it, is no effect of anything: whoever dies before it or after it has done as much. */
const leases = /\blease_expires_at = now\(\) \+|\binsert into leases\b/

/** What a statement changes, such as `update jobs`; nothing for one that only reads. */
const changeOf = (text: string): string | undefined => {
  if (leases.test(text)) return undefined
  const [, verb = "", table = ""] =
    /(?:^|\()\s*(insert into|update|delete from|truncate|create table)\s+"?(\w+)/i.exec(text) ??
      /^\s*with\b[^]*?\)\s*(insert into|update|delete from)\s+"?(\w+)/i.exec(text) ?? []
  return verb === "" ? undefined : `${verb.toLowerCase()} ${table}`
}

/** Points around each transaction of a client, and before each write outside of one. The client itself is changed. */
export const gateTransactions = <Client extends SqlClient.SqlClient>(sql: Client, script: Script): Client => {
  const transaction = sql.withTransaction
  const isWithin = Effect.map(Effect.serviceOption(sql.transactionService), (outer) => outer._tag === "Some")
  const outermost = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.gen(function*() {
      const occurrence = yield* script.occur("transaction")
      yield* script.gate()
      return yield* transaction(
        // Registered first, so it is the first thing that happens once the commit is done.
        sql.afterCommit(script.point(occurrence, "after-commit")).pipe(
          Effect.andThen(effect),
          Effect.tap(script.point(occurrence, "before-commit"))
        )
      )
    })
  return Object.assign(sql, {
    withTransaction: <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      Effect.flatMap(isWithin, (within) => within ? transaction(effect) : outermost(effect))
  })
}

/** What every statement passes on its way to the database. */
export const statementGate = (sql: SqlClient.SqlClient, script: Script): Transformer => (statement) =>
  Effect.flatMap(Effect.serviceOption(sql.transactionService), (transaction) => {
    if (transaction._tag === "Some") return Effect.as(script.gate(true), statement)
    const [text] = statement.compile()
    const change = changeOf(text)
    if (change === undefined) return Effect.as(script.gate(), statement)
    return script.occur(change).pipe(
      Effect.flatMap((occurrence) => script.point(occurrence, "before")),
      Effect.as(statement)
    )
  })
