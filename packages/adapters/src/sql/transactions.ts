import { Cause, Context, Effect, Exit, Semaphore } from "effect"
import { BeginTransaction, type SqlClient, type TransactionConnection } from "effect/sql/SqlClient"
import type { Connection } from "effect/sql/SqlConnection"
import { SqlError, UnknownError } from "effect/sql/SqlError"
import { traced } from "../tracing/traced.ts"
import type { Rider, Riders } from "./riders/Riders.ts"

// Transactions of a client, in place of its own: what they cost does not depend on how many services the caller has. The client's own copy
// all of them, more than once, for each transaction and for each callback of `afterCommit`; a process has a hundred and more. And the
// statements that begin a transaction or a savepoint have no way of their own to the server: they ride with the first one within, so a
// transaction without statements costs nothing. `lastly` lets COMMIT ride with the last one.

/** The answer to the COMMIT of a transaction that had failed before: the server has rolled it back. */
export const notCommitted = new SqlError({
  reason: new UnknownError({
    cause: new Error("the server rolled back what was to be committed"),
    message: "the transaction had failed before its end",
    operation: "commit"
  })
})

interface Engine {
  /** Lends a connection that nobody else uses meanwhile. Waiting for one can be interrupted. */
  readonly lend: <A, E, R>(
    use: (connection: Connection, riders: Riders | undefined) => Effect.Effect<A, E, R>
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
  readonly riders: Riders | undefined
  /** What began it, if that rides, and the COMMIT that rides with its last statement. */
  begun: Rider | undefined
  committed: Rider | undefined
  /** Savepoints within a level are made one after the other: they nest. */
  readonly turns: Semaphore.Semaphore
  ended: boolean
}

const opened = (parent: Open | undefined, riders: Riders | undefined): Open => ({
  callbacks: [],
  parent,
  riders,
  begun: undefined,
  committed: undefined,
  turns: Semaphore.makeUnsafe(1),
  ended: false
})

const afterwards = (callback: Effect.Effect<void>) =>
  Effect.ignoreCause(callback, { log: "Error", message: "what was to be done after a commit failed" })

const inSpan = traced("sql.transaction", { "db.system.name": "postgresql" })

const levels = new WeakMap<Level, Open>()

const openIn = (
  service: SqlClient["transactionService"],
  context: Context.Context<never>
): { readonly level: Level; readonly open: Open } | undefined => {
  const level = Context.getOrUndefined(context, service)
  const open = level && levels.get(level)
  return level === undefined || open === undefined ? undefined : { level, open }
}

/**
 * Runs what makes the last statement of the transaction: COMMIT leaves with it, one way to the server fewer. Where the statement fails, or
 * is interrupted before the server has committed, nothing is committed. After it the transaction takes no further statement, though
 * `afterCommit` still does; and what fails after it fails what is committed. Within a savepoint, and outside of any
 * transaction, it is a statement like any other.
 */
export const lastly = (sql: SqlClient) => <A, E, R>(last: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.withFiber((fiber) => {
    const open = openIn(sql.transactionService, fiber.context)?.open
    if (open === undefined || open.parent !== undefined || open.riders === undefined) return last
    const commit = open.riders.commit()
    open.committed = commit
    return Effect.onExitPrimitive(last, () => {
      commit.withdraw()
      return undefined
    }, true)
  })

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

  const begin = (connection: Connection, open: Open): Effect.Effect<unknown, SqlError> =>
    Effect.flatMap(BeginTransaction, (other): Effect.Effect<unknown, SqlError> => {
      if (open.riders !== undefined) return Effect.succeed(open.begun = open.riders.begin(other ?? "BEGIN"))
      return other === undefined ? control(connection, "BEGIN") : connection.executeUnprepared(other, [], undefined)
    })

  const rollback = (connection: Connection) => Effect.asVoid(Effect.orDie(control(connection, "ROLLBACK")))

  /** Ends a transaction. Answers whether the server has committed. */
  const end = (
    connection: Connection,
    { begun, committed }: Open,
    succeeded: boolean
  ): Effect.Effect<boolean, SqlError> => {
    if (committed?.fate() === "done") return Effect.succeed(true)
    switch (begun?.fate()) {
      // Nothing has been said to the server.
      case "waiting":
        return Effect.succeed(succeeded)
      // Whoever goes on after that has nothing to commit.
      case "failed":
        return succeeded ? Effect.fail(notCommitted) : Effect.succeed(false)
    }
    return succeeded ? Effect.as(commit(connection), true) : Effect.as(rollback(connection), false)
  }

  const outermost = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | SqlError, R> =>
    Effect.uninterruptibleMask((restore) => {
      let open: Open | undefined
      let committed = false
      const transaction = (connection: Connection, riders: Riders | undefined) => {
        const level: Level = [connection, 0]
        const opening = open = opened(undefined, riders)
        return Effect.uninterruptible(Effect.flatMap(
          begin(connection, opening),
          () =>
            within(
              level,
              opening,
              restore(effect),
              (succeeded) =>
                Effect.map(end(connection, opening, succeeded), (isCommitted) => {
                  committed = isCommitted
                })
            )
        ))
      }
      return Effect.onExitPrimitive(restore(lend(transaction)), () => {
        if (open === undefined) return undefined
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
    const undo = Effect.andThen(Effect.orDie(control(connection, `ROLLBACK TO SAVEPOINT ${name}`)), leave)
    const { riders } = parent
    return parent.turns.withPermit(Effect.uninterruptibleMask((restore) => {
      const open = opened(parent, riders)
      const begin: Effect.Effect<unknown, SqlError> = riders === undefined
        ? control(connection, `SAVEPOINT ${name}`)
        : Effect.sync(() => open.begun = riders.ahead(`SAVEPOINT ${name}`))
      return Effect.flatMap(begin, () =>
        within([connection, depth + 1], open, restore(effect), (succeeded) => {
          open.ended = true
          const keep = () => {
            if (succeeded) parent.callbacks.push(...open.callbacks)
          }
          const fate = open.begun?.fate()
          if (fate === "waiting") open.begun?.withdraw()
          // The server knows of no savepoint.
          if (fate === "waiting" || fate === "failed") return Effect.sync(keep)
          return Effect.map(succeeded ? leave : undo, keep)
        }))
    }))
  }

  return {
    withTransaction: (effect) =>
      inSpan(Effect.withFiber((fiber) => {
        const found = openIn(service, fiber.context)
        return found === undefined ? outermost(effect) : nested(found.level, found.open, effect)
      })),
    afterCommit: (effect) =>
      Effect.withFiber((fiber) => {
        const open = openIn(service, fiber.context)?.open
        if (open === undefined) return afterwards(effect as Effect.Effect<void>)
        if (hasEnded(open)) return Effect.die(new Error("afterCommit: the transaction has ended already"))
        // Whoever began the transaction has all that is asked for within it.
        open.callbacks.push(effect as Effect.Effect<void>)
        return Effect.void
      })
  }
}
