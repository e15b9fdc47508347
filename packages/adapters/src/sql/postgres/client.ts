import { PgClient, type PgConnection, type PgPool } from "@effect/sql-pg"
import { Effect, type Scope, Stream } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as SqlClient from "effect/sql/SqlClient"
import type { Connection } from "effect/sql/SqlConnection"
import { SqlError, UnknownError } from "effect/sql/SqlError"
import { defaultTransforms } from "effect/sql/Statement"
import { names } from "../names.ts"
import type { Turnstile } from "./Turnstile.ts"

/** One session of the server, as the SQL client wants it. */
const connectionOf = (session: PgConnection.PgConnection): Connection => {
  const rows = (text: string, parameters: ReadonlyArray<unknown>, prepare: boolean) =>
    Effect.map(session.query(text, parameters, prepare), (result) => result.rows)
  return {
    execute: (text, parameters, transform) =>
      transform === undefined ? rows(text, parameters, true) : Effect.map(rows(text, parameters, true), transform),
    executeUnprepared: (text, parameters, transform) =>
      transform === undefined ? rows(text, parameters, false) : Effect.map(rows(text, parameters, false), transform),
    executeRaw: (text, parameters) => session.query(text, parameters),
    executeValues: (text, parameters) => session.queryValues(text, parameters),
    executeValuesUnprepared: (text, parameters) => session.queryValues(text, parameters, false),
    executeStream: (text, parameters, transform) => {
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
        : Effect.fail(
          new SqlError({
            reason: new UnknownError({
              cause: new Error("the server rolled back what was to be committed"),
              message: "the transaction had failed before its end",
              operation: "commit"
            })
          })
        )
  )

/** A SQL client over a pool, like that of the driver, but nobody waits for a connection longer than the turnstile lets them. */
export const clientOf = (
  pool: PgPool.PgPool,
  turnstile: Turnstile
): Effect.Effect<SqlClient.SqlClient, never, Scope.Scope> => {
  const place = Effect.acquireRelease(turnstile.enter, () => turnstile.leave, { interruptible: true })
  return SqlClient.make({
    acquirer: Effect.andThen(place, Effect.map(pool.get, connectionOf)),
    borrower: (use) => turnstile.around(pool.use((session) => use(connectionOf(session)))),
    transactionAcquirer: Effect.andThen(place, Effect.map(pool.reserve, connectionOf)),
    compiler: PgClient.makeCompiler(names.transformQueryNames, names.transformJson),
    transformRows: defaultTransforms(names.transformResultNames, names.transformJson).array,
    driver: "pg",
    spanAttributes: [["db.system.name", "postgresql"]],
    prepareTransactionControls: true,
    commit,
    releaseSavepoint: (name) => `RELEASE SAVEPOINT ${name}`
  }).pipe(Effect.provide(Reactivity.layer))
}
