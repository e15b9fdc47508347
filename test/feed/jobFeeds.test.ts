import { Layer } from "effect"
import * as JobFeed from "../contracts/jobFeed.ts"
import * as Database from "../support/database/Database.ts"
import { natsProcess, plainProcess, Server } from "../support/backends/natsProcess.ts"

for (const { layer, name } of Database.engines) {
  JobFeed.suite(`JobFeed looking into ${name}`, layer, plainProcess)
}

const postgres = Database.engines.find(({ name }) => name === "PostgreSQL")!
JobFeed.suite(
  "JobFeed over JetStream and PostgreSQL",
  Layer.merge(postgres.layer, Server.layer),
  natsProcess
)
