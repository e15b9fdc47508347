import { reference } from "@sheaf/adapters/settings/reference"
import { writeFileSync } from "node:fs"

// `node scripts/configuration.ts`: writes docs/configuration.md anew from the descriptions that the program reads by.
writeFileSync(new URL("../docs/configuration.md", import.meta.url), reference())
