import { Flag } from "effect/cli"
import { repeated } from "../settings/repeated.ts"

/** Where a server listens, and for which pages. */
export const listenFlags = {
  host: Flag.String("host").pipe(
    Flag.withDescription("Address to listen on; another than loopback can be reached from outside. Default: 127.0.0.1"),
    Flag.withDefault("127.0.0.1")
  ),
  cors: Flag.String("cors-origin").pipe(
    Flag.withDescription(
      "Origin of web pages that may call, like https://app.example.com; may be given several times"
    ),
    repeated
  )
}

export const defaultPort = 7420
