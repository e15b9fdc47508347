#!/usr/bin/env node
// The way in from a fresh clone: installs what is missing, finds the right Node, and runs what was asked for with it.
// Plain JavaScript for any Node from 18 on, without dependencies: nothing is installed when it starts.
import { install, installServers } from "./bootstrap/install.mjs"
import { root, say, Stop } from "./bootstrap/console.mjs"
import { ensureSystemPackages, servers } from "./bootstrap/systemPackages.mjs"
import { run } from "./bootstrap/run.mjs"
import { findRuntime } from "./bootstrap/runtime.mjs"
import { runTests } from "./bootstrap/tests.mjs"

const cli = `${root}/packages/cli/src/main.ts`
const production = `${root}/test/support/programs/production.ts`

const isProduction = (args) => args.some((arg, at) => `${arg} ${args[at + 1]}` === "--profile production")

/** What each command runs, with what comes after it on the command line. */
const programs = {
  demo: (args) => isProduction(args) ? [production, "demo", ...args] : [cli, "demo", ...args],
  start: (args) => [cli, "serve", ...args],
  sheaf: (args) => [cli, ...args],
  bench: (args) => [`${root}/bench/main.ts`, ...args],
  faults: (args) => [`${root}/test/faults/main.ts`, ...args],
  "crash-matrix": (args) => [`${root}/test/proof/matrix/main.ts`, ...args],
  interleavings: (args) => [`${root}/test/proof/interleavings/main.ts`, ...args],
  model: (args) => [`${root}/test/proof/model/main.ts`, ...args],
  soak: (args) => [`${root}/test/proof/soak/main.ts`, ...args],
  imports: (args) => [`${root}/test/proof/imports/main.ts`, ...args]
}

/** What runs on servers of its own, which are started for it. */
const needsServers = (command, args) =>
  command === "faults" || command === "interleavings" || command === "soak" || isProduction(args)

const usage = `Usage: node scripts/bootstrap.mjs COMMAND [ARGUMENTS]

  demo    ingest a sample set and ask it questions (npm run demo);
          with --profile production on PostgreSQL, NATS, blob storage and a search engine that are started for it
  start   run the server and keep it running (npm start)
  sheaf   the command line tool (npm run sheaf -- ARGUMENTS)
  test    check and test everything (npm test)
  bench   measure (npm run bench)
  faults  break the production profile and count what is lost (npm run faults)

  crash-matrix   die at every boundary between two effects, and compare what becomes of it (npm run crash-matrix)
  model          do anything in any order, and compare with a simple model of it (npm run model)
  interleavings  do every two things to one document at once (npm run interleavings)
  soak           kill processes at random while everything is being done (npm run soak)
  imports        import a file of rows in a storm of refusals, with deaths (npm run imports)
`

const main = async ([command = "", ...args]) => {
  if (command !== "test" && !Object.hasOwn(programs, command)) {
    process.stderr.write(usage)
    return 2
  }
  await install()
  if (needsServers(command, args)) {
    await ensureSystemPackages(servers, "This needs")
    await installServers()
  }
  const node = findRuntime()
  return command === "test" ? runTests(node, args) : run(node, programs[command](args))
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code
  },
  (error) => {
    if (!(error instanceof Stop)) throw error
    say(error.message)
    process.exitCode = error.exitCode
  }
)
