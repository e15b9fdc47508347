import { Cause, Context, Effect, Exit, Semaphore } from "effect"
import { BeginTransaction, type SqlClient, type TransactionConnection } from "effect/sql/SqlClient"
import type { Connection } from "effect/sql/SqlConnection"
import type { SqlError } from "effect/sql/SqlError"
import { traced } from "../tracing/traced.ts"

// Transactions of a client, in place of its own: what they cost does not depend on how many services the caller has. The client's own copy
// all of them, more than once, for each transaction and for each callback of `afterCommit`; a process has a hundred and more.

interface Engine {
  /** Lends a connection that nobody else uses meanwhile. Waiting for one can be interrupted. */
  readonly lend: <A, E, R>(
    use: (connection: Connection) => Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E | SqlError, R>
  /** Fails where the server has not committed. */
  readonly commit: (connection: Connection) => Effect.Effect<void, SqlError>
}

type Level = TransactionConnection.Service

/** What is known of a level: a transaction, or a savepoint within one. */
interface Open {
  /** To be run once the outermost level has been committed. */
  readonly callbacks: Array<Effect.Effect<void>>
  readonly parent: Open | undefined
  /** Savepoints within a level are made one after the other: they nest. */
  readonly turns: Semaphore.Semaphore
  ended: boolean
}

const opened = (parent: Open | undefined): Open => ({
  callbacks: [],
  parent,
  turns: Semaphore.makeUnsafe(1),
  ended: false
})

const afterwards = (callback: Effect.Effect<void>) =>
  Effect.ignoreCause(callback, { log: "Error", message: "what was to be done after a commit failed" })

const inSpan = traced("sql.transaction", { "db.system.name": "postgresql" })

const hasEnded = (open: Open): boolean => open.ended || (open.parent !== undefined && hasEnded(open.parent))

/**
 * `withTransaction` and `afterCommit` of a client. As with the client's own: a transaction within a transaction is a savepoint, both are
 * undone by failure and by interruption, and whatever ends them cannot be interrupted. Callbacks of `afterCommit` run with the services
 * of whoever began the transaction.
 */
export const transactionsOf = (
  service: SqlClient["transactionService"],
  { commit, lend }: Engine
): Pick<SqlClient, "withTransaction" | "afterCommit"> => {
  const levels = new WeakMap<Level, Open>()
  const levelIn = (context: Context.Context<never>): Level | undefined => Context.getOrUndefined(context, service)
  const control = (connection: Connection, statement: string) => connection.execute(statement, [], undefined)

  /** The body of a level and its end. Not to be interrupted, but for the body. */
  const within = <A, E, R>(
    level: Level,
    open: Open,
    body: Effect.Effect<A, E, R>,
    end: (succeeded: boolean) => Effect.Effect<void, SqlError>
  ): Effect.Effect<A, E | SqlError, R> =>
    Effect.suspend(() => {
      levels.set(level, open)
      return Effect.flatMap(
        Effect.exit(Effect.provideService(body, service, level)),
        (exit) =>
          Exit.isSuccess(exit)
            ? Effect.flatMap(end(true), () => exit)
            : Effect.matchCauseEffect(end(false), {
              onSuccess: () => exit,
              onFailure: (cause) => Effect.failCause(Cause.combine(exit.cause, cause))
            })
      )
    })

  const begin = (connection: Connection) =>
    Effect.flatMap(
      BeginTransaction,
      (other) => other === undefined ? control(connection, "BEGIN") : connection.executeUnprepared(other, [], undefined)
    )

  const outermost = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | SqlError, R> =>
    Effect.uninterruptibleMask((restore) => {
      const open = opened(undefined)
      let committed = false
      const transaction = (connection: Connection) =>
        Effect.uninterruptible(Effect.flatMap(
          begin(connection),
          () =>
            within([connection, 0], open, restore(effect), (succeeded) =>
              succeeded
                ? Effect.map(commit(connection), () => {
                  committed = true
                })
                : Effect.asVoid(Effect.orDie(control(connection, "ROLLBACK"))))
        ))
      return Effect.onExitPrimitive(restore(lend(transaction)), () => {
        open.ended = true
        return committed && open.callbacks.length > 0
          ? Effect.forEach(open.callbacks, afterwards, { discard: true })
          : undefined
      }, true)
    })

  const nested = <A, E, R>(
    [connection, depth]: Level,
    parent: Open,
    effect: Effect.Effect<A, E, R>
  ): Effect.Effect<A, E | SqlError, R> => {
    const name = `level_${depth + 1}`
    const leave = Effect.orDie(control(connection, `RELEASE SAVEPOINT ${name}`))
    return parent.turns.withPermit(Effect.uninterruptibleMask((restore) => {
      const open = opened(parent)
      return Effect.flatMap(
        control(connection, `SAVEPOINT ${name}`),
        () =>
          within([connection, depth + 1], open, restore(effect), (succeeded) => {
            open.ended = true
            if (succeeded) {
              return Effect.map(leave, () => {
                parent.callbacks.push(...open.callbacks)
              })
            }
            return Effect.asVoid(
              Effect.andThen(Effect.orDie(control(connection, `ROLLBACK TO SAVEPOINT ${name}`)), leave)
            )
          })
      )
    }))
  }

  return {
    withTransaction: (effect) =>
      inSpan(Effect.withFiber((fiber) => {
        const level = levelIn(fiber.context)
        const parent = level && levels.get(level)
        return level === undefined || parent === undefined ? outermost(effect) : nested(level, parent, effect)
      })),
    afterCommit: (effect) =>
      Effect.withFiber((fiber) => {
        const level = levelIn(fiber.context)
        const open = level && levels.get(level)
        if (open === undefined) return afterwards(effect as Effect.Effect<void>)
        if (hasEnded(open)) return Effect.die(new Error("afterCommit: the transaction has ended already"))
        // Whoever began the transaction has all that is asked for within it.
        open.callbacks.push(effect as Effect.Effect<void>)
        return Effect.void
      })
  }
}
