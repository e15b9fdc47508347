import { NodeRuntime } from "@effect/platform-node"
import { Caller } from "@sheaf/domain/edge/Caller"
import { ApiKeyId, TenantId } from "@sheaf/domain/ids"
import { Console, Deferred, Effect } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { snapshot } from "../evidence/snapshot.ts"
import { operations } from "../operations/index.ts"
import { type Actor, actorOf, makeTenant, type Tenant } from "../world/Actor.ts"
import { quiet } from "../world/quiet.ts"
import * as Stage from "../world/Stage.ts"

// `mortal.ts HOME OPERATION [POINT]`: goes through an operation in the folder, or on with it where an earlier process died in it. Dies at
// the point by `kill -9`; says at the end, as JSON, which points it passed and what there is.
const [home = "", operation = "", point] = process.argv.slice(2)

/** What an earlier process in this folder has found out. */
const remembered = (name: string): unknown => {
  const file = Path.join(home, `${name}.json`)
  return Fs.existsSync(file) ? JSON.parse(Fs.readFileSync(file, "utf8")) : undefined
}
const keep = (name: string, value: unknown) => {
  const file = Path.join(home, `${name}.json`)
  Fs.writeFileSync(`${file}.draft`, JSON.stringify(value ?? null))
  Fs.renameSync(`${file}.draft`, file)
}

interface KeptTenant {
  readonly tenantId: string
  readonly keyId: string
  readonly secrets: Tenant["secrets"]
}

const tenantOf = ({ keyId, secrets, tenantId: id }: KeptTenant): Tenant => {
  const tenantId = TenantId.make(id)
  const caller = new Caller({ tenantId, keyId: ApiKeyId.make(keyId), scopes: ["admin"], datasetIds: null })
  return { tenantId, caller, secrets }
}

const program = Effect.gen(function*() {
  const stage = yield* Stage.make("embedded", { alone: true }, home)
  // Written by `keep`, which knows what it was.
  const known = remembered("tenant") as KeptTenant | undefined
  const tenant = known === undefined ? yield* stage.life.inside(makeTenant) : tenantOf(known)
  keep("tenant", { tenantId: tenant.tenantId, keyId: tenant.caller.keyId, secrets: tenant.secrets })
  const actor: Actor = {
    ...actorOf(stage, tenant),
    remember: <A, E>(name: string, effect: Effect.Effect<A, E>) =>
      Effect.suspend(() => {
        const earlier = remembered(name)
        // The same program wrote it under that name.
        return earlier === undefined
          ? Effect.tap(effect, (found) => Effect.sync(() => keep(name, found)))
          : Effect.succeed(earlier as A)
      })
  }
  const act = yield* operations[operation]!(actor)
  const { script } = stage.life
  script.begin(point === undefined ? { _tag: "Record" } : { _tag: "Crash", at: point })
  yield* Effect.forkChild(
    Effect.flatMap(Deferred.await(script.died), (at) =>
      Effect.sync(() => {
        if (at === point) process.kill(process.pid, "SIGKILL")
      }))
  )
  yield* act(actor)
  yield* quiet(stage, tenant.tenantId)
  yield* Console.log(JSON.stringify({
    points: [...new Set(script.passed)],
    state: yield* snapshot(stage.installation, tenant.tenantId)
  }))
}).pipe(Effect.scoped)

NodeRuntime.runMain(program, { teardown: (exit, onExit) => onExit(exit._tag === "Success" ? 0 : 1) })
