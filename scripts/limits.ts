import { limitsReference } from "@sheaf/adapters/settings/limitsReference"
import { writeFileSync } from "node:fs"

// `node scripts/limits.ts`: writes docs/limits.md anew from the limits that the program holds to.
writeFileSync(new URL("../docs/limits.md", import.meta.url), limitsReference())
