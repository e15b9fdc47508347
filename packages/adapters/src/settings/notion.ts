import { defaults, type Endpoint } from "../notion/NotionEndpoint.ts"
import type { Reader } from "./Reader.ts"
import { duration, url, variable, whole } from "./Variable.ts"

const notionUrl = {
  ...variable(
    "SHEAF_NOTION_URL",
    url(["http:", "https:"], "api.notion.com"),
    "Where Notion's API is. To be set where calls to it go through a proxy of one's own: it gets the tokens of connections."
  ),
  default: "https://api.notion.com"
}
const timeout = {
  ...variable(
    "SHEAF_NOTION_TIMEOUT",
    duration,
    "For one call to Notion, from its beginning to the last byte of the answer."
  ),
  default: "30 seconds"
}
const rate = {
  ...variable(
    "SHEAF_NOTION_RATE",
    whole({ min: 1, max: 100 }),
    "Calls that all processes together make with one connection, on average. Notion allows an integration 3.",
    { unit: "calls per second" }
  ),
  default: "3"
}

export const variables = [notionUrl, timeout, rate]

export const read = (reader: Reader): Endpoint => ({
  ...defaults,
  url: new URL(reader.get(notionUrl)),
  timeout: reader.get(timeout),
  callsPerSecond: reader.get(rate)
})
