import { Effect, Exit, Scope } from "effect"
import { afterAll } from "vitest"
import * as AzuriteServer from "../../../../test/support/backends/AzuriteServer.ts"
import { suite } from "../../../../test/contracts/blobStore.ts"
import * as Azure from "./azure.ts"

const scope = Scope.makeUnsafe()
const azurite = await Effect.runPromise(Scope.provide(AzuriteServer.start, scope))
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

const credentials = { connectionString: azurite.connectionString }

suite("BlobStore on Azure, as Azurite has it", Azure.layer({ credentials, container: "contract" }))
