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

/** nats-server lies in /usr/sbin, which is not on everybody's path. */
const hasNats = () => onPath("nats-server") || existsSync("/usr/sbin/nats-server")

/** Debian's packages, and how to tell that they are there. */
const packages = {
  postgresql: () => postgresFolder() !== undefined,
  "nats-server": hasNats,
  chromium: () => ["chromium", "chromium-browser", "google-chrome"].some(onPath)
}

/** The servers of the production profile that Debian has. */
export const servers = ["postgresql", "nats-server"]

/** What the tests need besides Node: the servers, and a browser. */
export const forTests = [...servers, "chromium"]

/**
 * Sees to it that system packages are there. Installs them as root in CI, or after asking; says what to install otherwise.
 *
 * @param {ReadonlyArray<keyof typeof packages>} names
 * @param {string} who needs them, as the message begins
 */
export const ensureSystemPackages = async (names, who) => {
  const missing = () => names.filter((name) => !packages[name]())
  const wanted = missing()
  if (wanted.length === 0) return
  const command = `apt-get install -y --no-install-recommends ${wanted.join(" ")}`
  if (!onPath("apt-get") || !await mayInstall(who, command)) {
    throw new Stop(
      `${who} ${wanted.join(" and ")}, which ${wanted.length === 1 ? "is" : "are"} not installed. On Debian, as root:
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

const mayInstall = async (who, command) => {
  if (process.getuid?.() !== 0) return false
  if (process.env.CI !== undefined && !["", "0", "false"].includes(process.env.CI)) return true
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await terminal.question(`${who} more: ${command}\nRun it now? [y/N] `)
  terminal.close()
  return /^y(es)?$/i.test(answer.trim())
}

const apt = (args) => {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
  const { status } = spawnSync("apt-get", args, { stdio: ["ignore", process.stderr, process.stderr], env })
  if (status !== 0) throw new Stop(`apt-get ${args.join(" ")} failed: see its messages above.`)
}
