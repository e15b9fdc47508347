import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import * as Fs from "node:fs"
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import * as Path from "node:path"

// Whoever is told of events. What it has taken on is a row of `proof_received`, which is evidence as any other: two processes that told it the
// same leave the same rows, however often each told it.

const listen = (server: Http.Server, port: number) =>
  Effect.callback<number>((resume) => {
    server.listen(port, "127.0.0.1", () => resume(Effect.succeed((server.address() as AddressInfo).port)))
  })

/** The tenant that a message is about. It was written by the process that is looked at. */
const tenantIn = (body: string) => (JSON.parse(body) as { readonly data: { readonly tenantId: string } }).data.tenantId

/**
 * Takes on what is sent to `/taken`, is down behind `/down`, and has gone from `/gone`. Its address in a folder is the same for every process
 * that uses the folder.
 */
export const make = Effect.fn("Receiver.make")(function*(observer: SqlClient.SqlClient, home: string) {
  yield* Effect.orDie(observer`create table if not exists proof_received (
    tenant_id uuid not null, message text not null, primary key (tenant_id, message))`)
  const run = Effect.runForkWith(yield* Effect.context<never>())
  const server = yield* Effect.acquireRelease(
    Effect.sync(() =>
      Http.createServer((request, response) => {
        const pieces: Array<Buffer> = []
        request.on("data", (piece: Buffer) => pieces.push(piece))
        request.on("end", () => {
          if (request.url === "/down") return response.writeHead(503).end("down")
          if (request.url === "/gone") return response.writeHead(410).end()
          const id = String(request.headers["webhook-id"])
          return run(
            observer`insert into proof_received (tenant_id, message)
              values (${tenantIn(Buffer.concat(pieces).toString())}::uuid, ${id}) on conflict do nothing`.pipe(
              Effect.matchCause({
                onFailure: () => response.writeHead(500).end(),
                onSuccess: () => response.writeHead(204).end()
              })
            )
          )
        })
      })
    ),
    (server) => Effect.sync(() => (server.closeAllConnections(), server.close()))
  )
  const file = Path.join(home, "receiver.port")
  const known = Fs.existsSync(file) ? Number(Fs.readFileSync(file, "utf8")) : 0
  const port = yield* listen(server, known)
  Fs.writeFileSync(file, String(port))
  return { url: (path: string) => `http://127.0.0.1:${port}${path}` }
})
