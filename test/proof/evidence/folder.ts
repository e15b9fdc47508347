import { createHash } from "node:crypto"
import * as Fs from "node:fs"
import * as Path from "node:path"

export interface StoredFile {
  readonly key: string
  readonly sha256: string
}

/** Every file below a tenant's part of the folder of blobs, whatever it is. */
export const readFolder = (root: string, tenantIds: ReadonlyArray<string>): ReadonlyArray<StoredFile> =>
  tenantIds.flatMap((tenantId) => {
    const top = Path.join(root, tenantId)
    if (!Fs.existsSync(top)) return []
    return Fs.readdirSync(top, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(
      (entry) => {
        const path = Path.join(entry.parentPath, entry.name)
        return {
          key: Path.relative(root, path),
          sha256: createHash("sha256").update(Fs.readFileSync(path)).digest("hex")
        }
      }
    )
  })
