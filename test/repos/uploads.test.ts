import { assert, it } from "@effect/vitest"
import { newId } from "@sheaf/adapters/repos/newId"
import { UploadsRepo } from "@sheaf/adapters/repos/documents/UploadsRepo"
import { DocumentId, UploadId } from "@sheaf/domain/ids"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { engines, makeDataset, makeTenant } from "./world.ts"

for (const { layer, name } of engines) {
  it.layer(layer, { timeout: "90 seconds" })(`uploads on ${name}`, (it) => {
    it.effect("that are open are listed page by page, whosever they are, and no others", () =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const uploads = yield* UploadsRepo
        const begun: Array<UploadId> = []
        for (let tenant = 0; tenant < 2; tenant++) {
          const { caller } = yield* makeTenant
          const datasetId = yield* makeDataset(caller)
          for (let at = 0; at < 3; at++) {
            const id = yield* newId(UploadId)
            begun.push(id)
            yield* uploads.insert(caller, {
              id,
              datasetId,
              documentId: yield* newId(DocumentId),
              name: "a",
              size: at === 0 ? null : at,
              sha256: null,
              options: { metadata: {}, ifSame: "reuse", lane: "bulk" }
            })
          }
        }
        yield* sql`update uploads set expires_at = now() where id = ${begun[0]!}`
        const found: Array<UploadId> = []
        let page = yield* uploads.open(2)
        while (page.length > 0) {
          found.push(...page.map(({ id }) => id))
          page = yield* uploads.open(2, page.at(-1))
        }
        assert.lengthOf(found, 5)
        assert.sameMembers(found, begun.slice(1))
      }))
  })
}
