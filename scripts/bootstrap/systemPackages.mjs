import { spawnSync } from "node:child_process"
import { existsSync, readdirSync } from "node:fs"
import { delimiter, join } from "node:path"
import { createInterface } from "node:readline/promises"
import { say, seconds, Stop } from "./console.mjs"

/** Which of the folders that PostgreSQL is installed in has a server, newest first. */
const postgresFolder = (installations = "/usr/lib/postgresql") => {
  if (!existsSync(installations)) return undefined
  return readdirSync(installations).map(Number).filter((version) => version >= 15).sort((a, b) => b - a)
    .map((version) => join(installations, String(version), "bin"))
    .find((bin) => existsSync(join(bin, "initdb")))
}

const onPath = (name) => (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, name)))

/** Debian's packages that the tests need and that are not there. */
const missing = () => [
  ...(postgresFolder() === undefined ? ["postgresql"] : []),
  ...(["chromium", "chromium-browser", "google-chrome"].some(onPath) ? [] : ["chromium"])
]

/**
 * Sees to it that the tests find a PostgreSQL server and a browser. Installs them as root in CI, or after asking; says what
 * to install otherwise.
 */
export const ensureSystemPackages = async () => {
  const wanted = missing()
  if (wanted.length === 0) return
  const command = `apt-get install -y --no-install-recommends ${wanted.join(" ")}`
  if (!onPath("apt-get") || !await mayInstall(command)) {
    throw new Stop(
      `The tests need ${wanted.join(" and ")}, which ${
        wanted.length === 1 ? "is" : "are"
      } not installed. On Debian, as root:
  apt-get update && ${command}`
    )
  }
  const started = performance.now()
  say(`Installing ${wanted.join(" and ")}: ${command}`)
  apt(["update", "-q"])
  apt(["install", "-y", "-q", "--no-install-recommends", ...wanted])
  const left = missing()
  if (left.length > 0) throw new Stop(`apt-get did not install ${left.join(" and ")}: see its messages above.`)
  say(`Installed in ${seconds(started)}.`)
}

const mayInstall = async (command) => {
  if (process.getuid?.() !== 0) return false
  if (process.env.CI !== undefined && !["", "0", "false"].includes(process.env.CI)) return true
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await terminal.question(`The tests need more: ${command}\nRun it now? [y/N] `)
  terminal.close()
  return /^y(es)?$/i.test(answer.trim())
}

const apt = (args) => {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
  const { status } = spawnSync("apt-get", args, { stdio: ["ignore", process.stderr, process.stderr], env })
  if (status !== 0) throw new Stop(`apt-get ${args.join(" ")} failed: see its messages above.`)
}
