import { Cause, Effect, Option, Schedule, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import { isSqlError, type SqlError } from "effect/sql/SqlError"

type Statement = Effect.Effect<ReadonlyArray<unknown>, SqlError>

/**
 * Runs a statement and decodes its rows. A database that does not answer, or a row that does not fit, is a defect: no caller of a
 * repository can do anything about it. The edge of the server and the job runner tell outages from bugs by `SqlError.isRetryable`.
 */
export const rows = <Row extends Schema.ConstraintDecoder<unknown>>(row: Row) => {
  const decode = Schema.decodeUnknownEffect(Schema.Array(row))
  return (statement: Statement): Effect.Effect<ReadonlyArray<Row["Type"]>> =>
    statement.pipe(Effect.flatMap((found) => decode(found)), Effect.orDie)
}

/** The first row, if there is one. */
export const maybeRow = <Row extends Schema.ConstraintDecoder<unknown>>(row: Row) => {
  const all = rows(row)
  return (statement: Statement): Effect.Effect<Option.Option<Row["Type"]>> =>
    Effect.map(all(statement), (found) => Option.fromUndefinedOr(found[0]))
}

/** The one row of a statement that always has one. */
export const oneRow = <Row extends Schema.ConstraintDecoder<unknown>>(row: Row) => {
  const first = maybeRow(row)
  return (statement: Statement): Effect.Effect<Row["Type"]> =>
    Effect.flatMap(
      first(statement),
      Option.match({
        onNone: () => Effect.die(new Error("a statement that always has a row gave none")),
        onSome: Effect.succeed
      })
    )
}

/** Runs a statement for its effect. */
export const done = (statement: Effect.Effect<unknown, SqlError>): Effect.Effect<void> =>
  Effect.asVoid(Effect.orDie(statement))

/** `jsonb` parameter. */
export const json = (value: unknown): string => JSON.stringify(value)

/** The database gave up a transaction because of others that ran at the same time: nothing of it has happened. */
const isConflict = (reason: Cause.Reason<unknown>): boolean => {
  const error = Cause.isFailReason(reason) ? reason.error : Cause.isDieReason(reason) ? reason.defect : undefined
  return isSqlError(error) &&
    (error.reason._tag === "SerializationError" || error.reason._tag === "DeadlockError")
}

/** Those who got into each other's way do not meet again at the same moment. */
const apart = Schedule.exponential("10 millis").pipe(Schedule.jittered, Schedule.upTo({ times: 5 }))

/**
 * Runs an effect as one transaction; a database that does not answer is a defect, as everywhere in the repositories. A transaction
 * that the database has given up for the sake of others (deadlock, serialization failure) begins again, up to five times: so do
 * nothing in it that the database cannot undo. What `afterCommit` was given in a lost attempt is never run.
 */
export const transact =
  (sql: SqlClient.SqlClient) => <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(Effect.serviceOption(sql.transactionService), (outer) => {
      const once = sql.withTransaction(effect).pipe(
        Effect.catchIf(isSqlError, (error) => Effect.die(error)),
        // What is left is the effect's own error: the type checker cannot subtract from a type parameter.
        Effect.mapError((error) => error as E)
      )
      // Within another transaction, that one is lost and has to begin again.
      return Option.isSome(outer) ? once : Effect.catchCause(once, again(once))
    })

/** What a transaction failed of, or how it ends when it is tried again. */
const again = <A, E, R>(once: Effect.Effect<A, E, R>) => (lost: Cause.Cause<E>): Effect.Effect<A, E, R> => {
  if (!lost.reasons.some(isConflict)) return Effect.failCause(lost)
  let isFirst = true
  return Effect.suspend(() => {
    if (!isFirst) return Effect.sandbox(once)
    isFirst = false
    return Effect.fail(lost)
  }).pipe(
    Effect.retry({ schedule: apart, while: (cause) => cause.reasons.some(isConflict) }),
    Effect.catch(Effect.failCause)
  )
}

/** Rows removed by one statement of a chore that expires them: below a quarter of a second, whatever has piled up. */
export const expiryPage = 1_000
