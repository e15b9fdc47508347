import { spawn } from "node:child_process"
import { existsSync, readFileSync, realpathSync } from "node:fs"
import { delimiter, join } from "node:path"
import { root, say, seconds, Stop } from "./console.mjs"

/**
 * Makes `node_modules` what `package-lock.json` says. What is there is compared with npm's own record of its last installation,
 * so an interrupted or outdated one is noticed; a current one costs milliseconds.
 */
export const install = async () => installIn(root, "packages")

/** The servers that come from npm: those who start them need them, and nobody else. */
export const installServers = () => installIn(join(root, "test", "servers"), "test servers")

const installIn = async (folder, what) => {
  const why = reason(folder)
  if (why === undefined) return
  const started = performance.now()
  const npm = (...args) => runNpm(folder, args)
  say(`Installing ${what} (npm ci): ${why}. About a minute, once.`)
  if (await npm("ci") !== 0) {
    // `npm install` is the more patient one: it also gets by with a registry that lacks packages for other machines.
    say("npm ci failed; trying once more, with npm install.")
    if (await npm("install", "--no-save") !== 0) {
      throw new Stop(
        "They cannot be installed: see npm's message above. `npm ping` tells whether the registry answers."
      )
    }
  }
  say(`Installed in ${seconds(started)}.`)
}

const packagesOf = (file) => JSON.parse(readFileSync(file, "utf8")).packages

const reason = (folder) => {
  const record = join(folder, "node_modules", ".package-lock.json")
  if (!existsSync(record)) return "they are not installed"
  return upToDate(packagesOf(join(folder, "package-lock.json")), packagesOf(record))
    ? undefined
    : "package-lock.json has changed"
}

/**
 * Whether everything in the lock is installed in its version. What is optional may be missing: it is for other machines.
 * @public
 */
export const upToDate = (lock, installed) =>
  Object.entries(lock).every(([path, wanted]) => {
    if (path === "") return true
    const found = installed[path]
    if (found === undefined) return wanted.optional === true || wanted.devOptional === true
    return found.version === wanted.version && found.link === wanted.link
  })

/** Quiet but for errors: that this Node is older than the one being installed is no news. */
const flags = ["--include=dev", "--no-fund", "--no-audit", "--loglevel=error"]

const runNpm = (folder, args) =>
  new Promise((resolve) => {
    const [command, ...before] = npmCommand()
    const child = spawn(command, [...before, ...args, ...flags], {
      cwd: folder,
      stdio: ["ignore", process.stderr, process.stderr]
    })
    child.on("error", (error) => {
      say(`npm does not start: ${error.message}`)
      resolve(1)
    })
    child.on("close", (code) => resolve(code ?? 1))
  })

/** npm, run by a Node that does not lie in the folder which it is about to replace. */
const npmCommand = () => {
  const script = process.env.npm_execpath
  const node = outsideNode()
  return script !== undefined && /npm-cli\.c?js$/.test(script) && node !== undefined ? [node, script] : ["npm"]
}

const outsideNode = () => {
  const modules = join(root, "node_modules")
  const candidates = [
    process.execPath,
    ...(process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "node"))
  ]
  return candidates.find((file) => existsSync(file) && !realpathSync(file).startsWith(modules))
}
