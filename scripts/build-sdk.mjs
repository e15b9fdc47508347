// Builds the SDK as it is published: plain ES modules and type declarations with the contract inside, effect as a peer.
//
//   node scripts/build-sdk.mjs [--out DIR] [--pack]
//
// into packages/sdk/dist, or DIR; with --pack a tarball beside it, whose path is printed.
import { execFileSync } from "node:child_process"
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { basename, dirname, join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"

const root = fileURLToPath(new URL("..", import.meta.url))
const sdk = join(root, "packages/sdk")
const { values: options } = parseArgs({
  options: { out: { type: "string" }, pack: { type: "boolean", default: false } }
})
const dist = options.out === undefined ? join(sdk, "dist") : resolve(options.out)
const raw = join(dist, ".raw")

rmSync(dist, { recursive: true, force: true })
mkdirSync(raw, { recursive: true })

const project = {
  extends: join(root, "tsconfig.json"),
  compilerOptions: {
    noEmit: false,
    declaration: true,
    typeRoots: [join(root, "node_modules/@types")],
    rootDir: join(root, "packages"),
    outDir: raw,
    plugins: []
  },
  files: [join(sdk, "src/index.ts"), join(sdk, "src/effect.ts")],
  // Reached through node_modules, the contract would not be emitted.
  include: [join(root, "packages/domain/src")],
  exclude: ["**/*.test.ts"]
}
writeFileSync(join(raw, "tsconfig.json"), JSON.stringify(project))
execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", join(raw, "tsconfig.json")], {
  stdio: "inherit"
})

/** Where a module is named: strings elsewhere may look the same, and are not. */
const specifiers = /((?:\bfrom|\bimport|\bimport\()\s*)(["'])([^"']+)\2/g

/** Specifiers as they are in the package: the contract lies beside the client, and declarations name what is really there. */
const local = (file, code) =>
  code.replace(specifiers, (_, before, quote, specifier) => {
    const path = specifier.startsWith("@sheaf/domain/")
      ? relative(dirname(file), join(dist, "domain", `${specifier.slice("@sheaf/domain/".length)}.js`)).replaceAll(
        "\\",
        "/"
      )
      : specifier.replace(/^(\.\.?\/.*)\.ts$/, "$1.js")
    return `${before}${quote}${path}${quote}`
  })

/**
 * `import { Effect } from "effect"` as `import * as Effect from "effect/Effect"`: not every bundler sees through the barrel,
 * and one that does not makes a page load all of effect.
 */
const byModule = (code) =>
  code.replace(
    /^import \{([^}]*)\} from "(effect(?:\/[a-z-]+)?)";?$/gm,
    (_, names, from) =>
      names.split(",").map((name) => name.trim()).filter((name) => name !== "").map((name) => {
        const [module, local = module] = name.split(/\s+as\s+/)
        const exists = existsSync(join(root, "node_modules/effect/dist", from.slice("effect".length), `${module}.js`))
        return exists ? `import * as ${local} from "${from}/${module}";` : `import { ${name} } from "${from}";`
      }).join("\n")
  )

renameSync(join(raw, "sdk/src"), join(dist, "sdk"))
renameSync(join(raw, "domain/src"), join(dist, "domain"))
rmSync(raw, { recursive: true })
for (const file of readdirSync(dist, { recursive: true }).map((path) => join(dist, path))) {
  if (!/\.(js|d\.ts)$/.test(file)) continue
  const code = local(file, readFileSync(file, "utf8"))
  writeFileSync(file, file.endsWith(".js") ? byModule(code) : code)
}

/** The rest of the contract is the server's own. */
const reached = new Set()
const reach = (file) => {
  if (reached.has(file)) return
  reached.add(file)
  for (const [, , , specifier] of readFileSync(file, "utf8").matchAll(specifiers)) {
    if (!specifier.startsWith(".")) continue
    reach(join(dirname(file), file.endsWith(".d.ts") ? specifier.replace(/\.js$/, ".d.ts") : specifier))
  }
}
for (const entry of ["index", "effect"]) {
  for (const extension of [".js", ".d.ts"]) reach(join(dist, "sdk", `${entry}${extension}`))
}
for (const file of readdirSync(dist, { recursive: true }).map((path) => join(dist, path))) {
  if (/\.(js|d\.ts)$/.test(file) && !reached.has(file)) rmSync(file)
}

const { name, version, description, license, type, keywords, engines, peerDependencies } = JSON.parse(
  readFileSync(join(sdk, "package.json"), "utf8")
)
if (!readFileSync(join(dist, "sdk/version.js"), "utf8").includes(`"${version}"`)) {
  throw new Error("packages/sdk/src/version.ts and packages/sdk/package.json name different versions")
}
const entry = (file) => ({ types: `./sdk/${file}.d.ts`, default: `./sdk/${file}.js` })
const manifest = {
  name,
  version,
  description,
  license,
  type,
  keywords,
  engines,
  sideEffects: false,
  exports: { ".": entry("index"), "./effect": entry("effect"), "./package.json": "./package.json" },
  types: "./sdk/index.d.ts",
  peerDependencies
}
writeFileSync(join(dist, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`)
copyFileSync(join(sdk, "README.md"), join(dist, "README.md"))
copyFileSync(join(root, "LICENSE"), join(dist, "LICENSE"))

if (options.pack) {
  const beside = dirname(dist)
  const packed = execFileSync("npm", ["pack", "--json", "--pack-destination", beside], { cwd: dist, encoding: "utf8" })
  process.stdout.write(`${join(beside, basename(JSON.parse(packed)[0].filename))}\n`)
}
