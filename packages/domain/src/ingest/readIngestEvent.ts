import { Option, Predicate, Result, Schema } from "effect"
import { explainIssue } from "../edge/explainIssue.ts"
import { IngestEvent, IngestEventId, ingestVersion } from "./IngestEvent.ts"
import { IngestRejection } from "./IngestVerdict.ts"

/** What a message turned out to be: an event, or the reason why it is none, with its id where it has one. */
export interface ReadEvent {
  readonly eventId: Option.Option<IngestEventId>
  readonly event: Result.Result<IngestEvent, IngestRejection>
}

/** A field that nobody knows is more likely a slip of the pen than a wish to be ignored. */
const decode = Schema.decodeUnknownResult(IngestEvent, { onExcessProperty: "error" })
const decodeId = Schema.decodeUnknownOption(IngestEventId)
const parseJson = Schema.decodeUnknownResult(Schema.fromJsonString(Schema.Unknown))

/** Complaints may quote what they complain about. */
const longest = 1_000

const malformed = (detail: string): IngestRejection =>
  IngestRejection.make({ _tag: "Malformed", detail: detail.slice(0, longest).toWellFormed() })

const nobody: ReadEvent["eventId"] = Option.none()

/** Reads the bytes of a message that came on the subject of a tenant. Total: whatever the bytes are, there is an answer. */
export const readIngestEvent = (bytes: Uint8Array, tenant: string): ReadEvent => {
  const text = utf8(bytes)
  if (Option.isNone(text)) return { eventId: nobody, event: Result.fail(malformed("it is not UTF-8")) }
  const json = Result.mapError(parseJson(text.value), (error) => malformed(error.message))
  if (Result.isFailure(json)) return { eventId: nobody, event: Result.fail(json.failure) }
  const value = json.success
  const eventId = Predicate.hasProperty(value, "eventId") ? decodeId(value.eventId) : nobody
  return { eventId, event: readValue(value, tenant) }
}

const readValue = (value: unknown, tenant: string): ReadEvent["event"] => {
  // A later version may look different in everything but this.
  if (Predicate.hasProperty(value, "version") && Predicate.isNumber(value.version) && value.version !== ingestVersion) {
    return Result.fail({ _tag: "UnsupportedVersion", version: value.version, supported: [ingestVersion] })
  }
  if (Predicate.hasProperty(value, "tenant") && Predicate.isString(value.tenant) && !isSame(value.tenant, tenant)) {
    return Result.fail({ _tag: "TenantMismatch" })
  }
  return Result.mapError(decode(value), ({ issue }) => malformed(explainIssue(issue)))
}

/** Ids are the same in capitals. */
const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()

const utf8 = (bytes: Uint8Array): Option.Option<string> => {
  try {
    return Option.some(new TextDecoder("utf-8", { fatal: true }).decode(bytes))
  } catch {
    return Option.none()
  }
}
