import { assert, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { pipeline } from "node:stream/promises"
import { archive } from "./tar.ts"

it("makes archives that every tar unpacks to the same bytes", async () => {
  const root = Fs.mkdtempSync(Path.join(Os.tmpdir(), "sheaf-tar-"))
  try {
    const long = `blobs/${"t".repeat(36)}/${"d".repeat(36)}/${"o".repeat(36)}`
    Fs.mkdirSync(Path.join(root, "in/database/empty"), { recursive: true })
    Fs.mkdirSync(Path.join(root, "in", long), { recursive: true })
    const files: ReadonlyArray<readonly [string, Buffer]> = [
      ["database/PG_VERSION", Buffer.from("18\n")],
      ["database/nothing", Buffer.alloc(0)],
      ["database/block", Buffer.alloc(512, 7)],
      [`${long}/raw-${"n".repeat(90)}`, Buffer.alloc(100_001, 1)]
    ]
    for (const [name, bytes] of files) Fs.writeFileSync(Path.join(root, "in", name), bytes)
    Fs.writeFileSync(Path.join(root, "in/credentials"), "shf_secret")
    const file = Path.join(root, "copy.tar.gz")
    await pipeline(archive(Path.join(root, "in"), ["database", "blobs"]), Fs.createWriteStream(file))
    Fs.mkdirSync(Path.join(root, "out"))
    execFileSync("tar", ["-xzf", file, "-C", Path.join(root, "out")])
    for (const [name, bytes] of files) assert.isTrue(Fs.readFileSync(Path.join(root, "out", name)).equals(bytes), name)
    assert.isTrue(Fs.statSync(Path.join(root, "out/database/empty")).isDirectory())
    assert.isFalse(Fs.existsSync(Path.join(root, "out/credentials")))
  } finally {
    Fs.rmSync(root, { recursive: true })
  }
})
