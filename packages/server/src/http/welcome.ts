import { HttpRouter, HttpServerResponse } from "effect/http"
import { plainHeaders } from "./answers.ts"

/** For whoever opens the address in a browser. It says nothing that is not in the documentation. */
const text = `This is a Sheaf server: a knowledge base for programs. There is nothing to look at here.

  /rpc           where the SDK (@sheaf/sdk) and the command line (sheaf) connect to
  /rpc/json      JSON-RPC 2.0 by POST; the method rpc.discover describes all operations
  /health/ready  whether everything that it needs is there
  /metrics       for Prometheus
`

export const layer = HttpRouter.add("GET", "/", HttpServerResponse.text(text, { headers: plainHeaders }))
