import { Context, type Duration } from "effect"

/** Where Notion's API is, and how it is called. */
export interface Endpoint {
  readonly url: URL
  /** For one try, from its beginning to the last byte of the answer. */
  readonly timeout: Duration.Input
  /** Before the second try; doubles with each. */
  readonly firstDelay: Duration.Input
  /** On average, by all processes with one connection. */
  readonly callsPerSecond: number
}

/** Notion itself, as often as it allows an integration (developers.notion.com, "Request limits"). */
export const defaults: Endpoint = {
  url: new URL("https://api.notion.com"),
  timeout: "30 seconds",
  firstDelay: "1 second",
  callsPerSecond: 3
}

/** Where nothing else is said: Notion itself. */
export const NotionEndpoint = Context.Reference<Endpoint>("@sheaf/adapters/notion/NotionEndpoint/NotionEndpoint", {
  defaultValue: () => defaults
})
