import { type Look, type Position, ReconciliationsRepo } from "@sheaf/adapters/repos/upkeep/ReconciliationsRepo"
import type { DriftKind, Finding } from "@sheaf/domain/admin/DriftRpcs"
import { Clock, Duration, Effect, Option } from "effect"
import * as Stage from "../../pipeline/Stage.ts"
import type { Verdict } from "../../reconcile/Check.ts"
import { documentChecks } from "../../reconcile/checks/documents.ts"
import { entryChecks } from "../../reconcile/checks/entries.ts"
import { runChecks } from "../../reconcile/checks/runs.ts"
import { storeChecks } from "../../reconcile/checks/stores.ts"
import { vectorChecks } from "../../reconcile/checks/vectors.ts"
import { Upkeep } from "../../reconcile/Upkeep.ts"

/** Suspects held at a time: then they are looked at again before others are gathered. */
const most = 500

/** Ids shown of each kind. */
const examples = 10

/** Then other tenants get their turn. */
const turn = Duration.seconds(10)

/** How often it is stored how far the second looks are. */
const saveEvery = 25

interface State {
  readonly position: Position
  readonly findings: ReadonlyArray<Finding>
}

const noted = (
  findings: ReadonlyArray<Finding>,
  kind: DriftKind,
  key: ReadonlyArray<string>,
  verdict: Verdict
): ReadonlyArray<Finding> => {
  if (verdict === "gone") return findings
  const known = findings.find((finding) => finding.kind === kind) ?? { kind, found: 0, mended: 0, examples: [] }
  const changed: Finding = {
    kind,
    found: known.found + 1,
    mended: known.mended + (verdict === "mended" ? 1 : 0),
    examples: known.examples.length < examples ? [...known.examples, key.join(" ")] : known.examples
  }
  return [...findings.filter((finding) => finding.kind !== kind), changed]
}

/**
 * Looks through all that a tenant has, check by check and page by page, and stores how far it is, so that whoever goes on begins there. What
 * is suspected is looked at again after a while: whatever was only on its way has arrived by then.
 */
export const reconcile = Effect.gen(function*() {
  const checks = [
    ...(yield* runChecks),
    ...(yield* documentChecks),
    ...(yield* entryChecks),
    ...(yield* vectorChecks),
    ...(yield* storeChecks)
  ]
  const again = Object.assign({}, ...checks.map((check) => check.again)) as typeof checks[number]["again"]
  const repo = yield* ReconciliationsRepo
  const { secondLook } = yield* Upkeep

  type Work = Stage.Work<"Reconcile">

  const save = ({ claim, job, write }: Work, state: State) =>
    write(repo.save(claim.tenantId, job.reconciliationId, state))

  /** Gathers suspects, a page further. */
  const gather = Effect.fnUntraced(function*({ claim }: Work, { findings, position }: State) {
    const check = checks[position.check]
    const seen = check === undefined
      ? { suspects: [], next: null }
      : yield* check.look(claim.tenantId, position.cursor)
    const known = new Set(position.suspects.map(({ key, kind }) => `${kind} ${key.join(" ")}`))
    const suspects = [
      ...position.suspects,
      ...seen.suspects.filter(({ key, kind }) => !known.has(`${kind} ${key.join(" ")}`))
    ]
    const step = seen.next === null
      ? { check: position.check + 1, cursor: null }
      : { check: position.check, cursor: seen.next }
    const isFull = suspects.length >= most || step.check >= checks.length && suspects.length > 0
    const ripeAt = isFull ? (yield* Clock.currentTimeMillis) + Duration.toMillis(secondLook) : null
    return { findings, position: { ...step, suspects, ripeAt } } satisfies State
  })

  /** Looks again at all that was gathered. */
  const lookAgain = Effect.fnUntraced(function*(work: Work, { repair }: Look, state: State) {
    const { position } = state
    let { findings } = state
    for (const [at, suspect] of position.suspects.entries()) {
      const look = again[suspect.kind]
      const verdict = look === undefined
        ? "gone"
        : yield* look({ tenantId: work.claim.tenantId, key: suspect.key, repair, write: work.write })
      findings = noted(findings, suspect.kind, suspect.key, verdict)
      if (at % saveEvery !== saveEvery - 1) continue
      yield* save(work, {
        findings,
        position: Object.assign({}, position, { suspects: position.suspects.slice(at + 1) })
      })
    }
    return { findings, position: { ...position, suspects: [], ripeAt: null } } satisfies State
  })

  return Stage.make({
    handles: "Reconcile",
    concurrency: 1,
    timeout: "5 minutes",
    run: Effect.fn("reconcile")(function*(work) {
      const { claim: { tenantId }, job: { reconciliationId } } = work
      const found = yield* repo.find(tenantId, reconciliationId)
      if (Option.isNone(found)) return Stage.nothing
      const end = (yield* Clock.currentTimeMillis) + Duration.toMillis(turn)
      let state: State = found.value
      while (state.position.check < checks.length || state.position.suspects.length > 0) {
        const now = yield* Clock.currentTimeMillis
        const { ripeAt } = state.position
        if (ripeAt !== null && ripeAt > now) {
          const delay = Duration.millis(Math.min(ripeAt - now, Duration.toMillis(secondLook)))
          return yield* new Stage.TryAgain({ reason: "suspects are given time", patient: true, delay })
        }
        if (now > end) {
          return yield* new Stage.TryAgain({ reason: "others have their turn", patient: true, delay: Duration.zero })
        }
        state = ripeAt === null ? yield* gather(work, state) : yield* lookAgain(work, found.value, state)
        yield* save(work, state)
      }
      const { findings } = state
      return repo.finish(tenantId, reconciliationId, findings)
    })
  })
})
