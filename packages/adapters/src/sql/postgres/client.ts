import { PgClient, type PgConnection, type PgPool } from "@effect/sql-pg"
import { Effect, type Scope, Stream } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as SqlClient from "effect/sql/SqlClient"
import type { Connection } from "effect/sql/SqlConnection"
import { SqlError, UnknownError } from "effect/sql/SqlError"
import { defaultTransforms } from "effect/sql/Statement"
import { names } from "../names.ts"
import { ridersOf } from "../riders/attach.ts"
import { notCommitted, transactionsOf } from "../transactions.ts"
import type { Turnstile } from "./Turnstile.ts"

const isOver = Effect.fail(
  new SqlError({
    reason: new UnknownError({
      cause: new Error("somebody still uses the connection of a transaction that has ended"),
      message: "the transaction has ended",
      operation: "execute"
    })
  })
)

/** One session of the server, as the SQL client wants it, as long as it is lent. */
const connectionOf = (session: PgConnection.PgConnection, lent = { over: false }): Connection => {
  const ifLent = <A>(use: Effect.Effect<A, SqlError>): Effect.Effect<A, SqlError> => lent.over ? isOver : use
  const rows = (text: string, parameters: ReadonlyArray<unknown>, prepare: boolean) =>
    Effect.map(ifLent(session.query(text, parameters, prepare)), (result) => result.rows)
  return {
    execute: (text, parameters, transform) =>
      transform === undefined ? rows(text, parameters, true) : Effect.map(rows(text, parameters, true), transform),
    executeUnprepared: (text, parameters, transform) =>
      transform === undefined ? rows(text, parameters, false) : Effect.map(rows(text, parameters, false), transform),
    executeRaw: (text, parameters) => ifLent(session.query(text, parameters)),
    executeValues: (text, parameters) => ifLent(session.queryValues(text, parameters)),
    executeValuesUnprepared: (text, parameters) => ifLent(session.queryValues(text, parameters, false)),
    executeStream: (text, parameters, transform) => {
      if (lent.over) return Stream.fromEffect(isOver)
      const stream = session.stream(text, parameters)
      return transform === undefined ? stream : Stream.map(stream, (row) => transform([row])[0])
    }
  }
}

/** PostgreSQL answers the COMMIT of a transaction in which a statement has failed by rolling it back, without an error. */
const commit = (connection: Connection): Effect.Effect<void, SqlError> =>
  Effect.flatMap(
    connection.executeRaw("COMMIT", []),
    (result) =>
      typeof result === "object" && result !== null && "command" in result && result.command === "COMMIT"
        ? Effect.void
        : Effect.fail(notCommitted)
  )

/** A SQL client over a pool, like that of the driver, but nobody waits for a connection longer than the turnstile lets them. */
export const clientOf = (
  pool: PgPool.PgPool,
  turnstile: Turnstile
): Effect.Effect<SqlClient.SqlClient, never, Scope.Scope> => {
  const place = Effect.acquireRelease(turnstile.enter, () => turnstile.leave, { interruptible: true })
  const borrow = <A, E, R>(use: (session: PgConnection.PgConnection) => Effect.Effect<A, E, R>) =>
    turnstile.around(pool.use(use))
  return SqlClient.make({
    acquirer: Effect.andThen(place, Effect.map(pool.get, (session) => connectionOf(session))),
    borrower: (use) => borrow((session) => use(connectionOf(session))),
    transactionAcquirer: Effect.andThen(place, Effect.map(pool.reserve, (session) => connectionOf(session))),
    compiler: PgClient.makeCompiler(names.transformQueryNames, names.transformJson),
    transformRows: defaultTransforms(names.transformResultNames, names.transformJson).array,
    driver: "pg",
    spanAttributes: [["db.system.name", "postgresql"]]
  }).pipe(
    Effect.map((client) =>
      Object.assign(
        client,
        transactionsOf(client.transactionService, {
          lend: (use) =>
            borrow((session) => {
              const lent = { over: false }
              const riders = ridersOf(session)
              return Effect.onExitPrimitive(use(connectionOf(session, lent), riders), () => {
                lent.over = true
                riders?.free()
                return undefined
              }, true)
            }),
          commit
        })
      )
    ),
    Effect.provide(Reactivity.layer)
  )
}
