import { Command } from "effect/cli"
import { api } from "./commands/api.ts"
import { demo } from "./commands/demo.ts"
import { annotations } from "./commands/annotations.ts"
import { apps } from "./commands/apps.ts"
import { backup } from "./commands/backup.ts"
import { config } from "./commands/config.ts"
import { datasets } from "./commands/datasets.ts"
import { deadLetters } from "./commands/deadLetters.ts"
import { doctor } from "./commands/doctor.ts"
import { documents } from "./commands/documents.ts"
import { imports } from "./commands/imports.ts"
import { help } from "./commands/help.ts"
import { ingest } from "./commands/ingest.ts"
import { ingestEvents } from "./commands/ingestEvents.ts"
import { keys } from "./commands/keys.ts"
import { migrate } from "./commands/migrate.ts"
import { notion } from "./commands/notion.ts"
import { operations } from "./commands/operations.ts"
import { login } from "./commands/servers/login.ts"
import { logout, servers } from "./commands/servers/servers.ts"
import { whoami } from "./commands/servers/whoami.ts"
import { pipelines } from "./commands/pipelines.ts"
import { search } from "./commands/search.ts"
import { segments } from "./commands/segments.ts"
import { serve } from "./commands/serve.ts"
import { tenants } from "./commands/tenants.ts"
import { tune } from "./commands/tune.ts"
import { watch } from "./commands/watch.ts"
import { notifications } from "./commands/notifications.ts"
import { webhooks } from "./commands/webhooks.ts"
import { worker } from "./commands/worker.ts"
import { globals } from "./settings/globals.ts"

/** The whole command line. */
export const sheaf = Command.make("sheaf").pipe(
  Command.withDescription(`A knowledge base that runs where you are: documents in, cited answers out.

Without --url, commands use the data folder (./.sheaf): through the server that runs on it, or in a process of their own.
Results go to standard output, everything else to standard error.
Exit codes: 0 done, 1 unexpected, 2 usage, 3 not configured, 4 not allowed, 5 unreachable, 6 version skew,
7 limit reached, 8 some items failed, 9 not found, 124 deadline, 130 interrupted.`),
  Command.withShortDescription("A knowledge base that runs where you are"),
  Command.withSubcommands([
    { group: "Begin", commands: [demo, serve, ingest, search, watch] },
    {
      group: "Manage",
      commands: [
        datasets,
        documents,
        operations,
        segments,
        imports,
        notion,
        pipelines,
        apps,
        annotations,
        webhooks,
        notifications,
        ingestEvents
      ]
    },
    { group: "Operate", commands: [api, worker, migrate, doctor, config, deadLetters] },
    { group: "Administer", commands: [keys, tenants, backup, tune] },
    { group: "Servers", commands: [login, logout, servers, whoami] },
    { group: "Help", commands: [help] }
  ]),
  Command.withGlobalFlags(globals)
)
