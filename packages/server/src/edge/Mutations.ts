import { AuditLogRepo } from "@sheaf/adapters/repos/access/AuditLogRepo"
import { IdempotencyRepo, type Stored } from "@sheaf/adapters/repos/access/IdempotencyRepo"
import { transact } from "@sheaf/adapters/repos/rows"
import type { Caller } from "@sheaf/domain/edge/Caller"
import { IdempotencyKeyReused } from "@sheaf/domain/edge/errors"
import { Context, Effect, Layer, Option, Predicate, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { createHash } from "node:crypto"
import { canonicalJson } from "./canonicalJson.ts"
import { seal, unseal } from "./seal.ts"

/** One change that a caller asks for. */
export interface Mutation<Answer> {
  readonly operation: string
  /** Without one, nothing is remembered: asking twice changes twice. */
  readonly idempotencyKey: string | undefined
  /** All that the change depends on, as JSON. */
  readonly payload: Readonly<Record<string, unknown>>
  readonly answer: Schema.Codec<Answer, unknown>
  /** Looked at first, within the transaction: what has happened already is answered, changed no more, and not audited again. */
  readonly answered?: Effect.Effect<Option.Option<Answer>>
  /** Set where the answer holds a secret: it is then stored so that only who has this one can read it. */
  readonly sealedWith?: string
}

/** Changes, each with its idempotency record and its audit entry in one transaction. */
export class Mutations extends Context.Service<Mutations, {
  /**
   * Runs `change`, or answers what it answered to the same key and payload before. A concurrent duplicate waits for the first; a
   * failure leaves nothing behind, so that the same key may try again.
   */
  readonly once: <Answer, E, R>(
    caller: Caller,
    mutation: Mutation<Answer>,
    change: Effect.Effect<Answer, E, R>
  ) => Effect.Effect<Answer, E | IdempotencyKeyReused, R>
}>()("@sheaf/server/edge/Mutations") {
  static readonly layer = Layer.effect(
    Mutations,
    Effect.gen(function*() {
      const audit = yield* AuditLogRepo
      const records = yield* IdempotencyRepo
      const sql = yield* SqlClient.SqlClient

      const replay = <Answer>(mutation: Mutation<Answer>, key: string, payloadHash: string, stored: Stored) => {
        const reused = new IdempotencyKeyReused({ idempotencyKey: key })
        if (stored.operation !== mutation.operation || stored.payloadHash !== payloadHash) return Effect.fail(reused)
        const text = openAnswer(mutation, key, stored.answer ?? "null")
        return text === null
          ? Effect.fail(reused)
          : Effect.orDie(Schema.decodeUnknownEffect(mutation.answer)(JSON.parse(text)))
      }

      const perform = Effect.fnUntraced(function*<Answer, E, R>(
        caller: Caller,
        mutation: Mutation<Answer>,
        change: Effect.Effect<Answer, E, R>
      ) {
        const { idempotencyKey: key, operation, payload } = mutation
        if (key !== undefined) {
          const payloadHash = hashOfPayload(caller, payload)
          const stored = yield* records.take(caller.tenantId, key, operation, payloadHash)
          if (Option.isSome(stored)) return yield* replay(mutation, key, payloadHash, stored.value)
        }
        const before = yield* mutation.answered ?? Effect.succeedNone
        if (Option.isSome(before)) return before.value
        const answer = yield* change
        const encoded = yield* Effect.orDie(Schema.encodeEffect(mutation.answer)(answer))
        if (key !== undefined) {
          yield* records.store(caller.tenantId, key, closeAnswer(mutation, key, JSON.stringify(encoded ?? null)))
        }
        const target = { ...idsIn(payload), ...idsIn(encoded) }
        yield* audit.append(caller.tenantId, { operation, actor: caller.actor, target })
        return answer
      })

      const once: Mutations["Service"]["once"] = (caller, mutation, change) =>
        transact(sql)(perform(caller, mutation, change))

      return Mutations.of({ once })
    })
  )
}

/** Another key of the tenant must not be answered what the first one was told: the key is part of the request. */
const hashOfPayload = (caller: Caller, payload: Readonly<Record<string, unknown>>): string =>
  createHash("sha256").update(caller.keyId).update(canonicalJson(payload)).digest("hex")

const Sealed = Schema.Struct({ sealed: Schema.String })

const closeAnswer = (mutation: Pick<Mutation<never>, "sealedWith">, key: string, text: string): string =>
  mutation.sealedWith === undefined ? text : JSON.stringify({ sealed: seal(text, mutation.sealedWith, key) })

const openAnswer = (mutation: Pick<Mutation<never>, "sealedWith">, key: string, stored: string): string | null => {
  if (mutation.sealedWith === undefined) return stored
  const { sealed } = Schema.decodeSync(Schema.fromJsonString(Sealed))(stored)
  return unseal(sealed, mutation.sealedWith, key)
}

const named = /(^id|Ids?)$/

/** Things that an answer holds inside it. */
const held: ReadonlySet<string> = new Set(["annotation", "key", "tenant", "webhook"])

/** What the audit log keeps of a request or an answer: the ids in it, and nothing else. */
const idsIn = (value: unknown): Readonly<Record<string, unknown>> => {
  if (!Predicate.isObject(value) || Array.isArray(value)) return {}
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]): ReadonlyArray<readonly [string, unknown]> => {
      if (named.test(name)) return [[name, item]]
      return held.has(name) && Predicate.hasProperty(item, "id") ? [[`${name}Id`, item.id]] : []
    })
  )
}
