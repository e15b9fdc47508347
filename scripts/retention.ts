import { retentionReference } from "@sheaf/adapters/repos/upkeep/retentionReference"
import { writeFileSync } from "node:fs"

// `node scripts/retention.ts`: writes docs/retention.md anew from the rules that the program follows.
writeFileSync(new URL("../docs/retention.md", import.meta.url), retentionReference())
