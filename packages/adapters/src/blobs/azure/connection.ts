import { BlobServiceClient, type ContainerClient, StorageSharedKeyCredential } from "@azure/storage-blob"
import { Effect, Predicate, Redacted, Schema } from "effect"
import { randomUUID } from "node:crypto"
import type { BlobStoreError } from "../BlobStore.ts"
import { AzureAnswer, codeIn, type Requests, statusIn } from "./requests.ts"

/** How to get in. `endpoint` is for emulators and clouds of their own; without it, `https://ACCOUNT.blob.core.windows.net`. */
export type AzureCredentials =
  /** As the portal shows it, with `AccountKey` or `SharedAccessSignature`. */
  | { readonly connectionString: Redacted.Redacted }
  | { readonly account: string; readonly key: Redacted.Redacted; readonly endpoint?: string }
  /** A signature cannot make others: clients get no direct way to the blobs. */
  | { readonly account: string; readonly sas: Redacted.Redacted; readonly endpoint?: string }

/** The account or the container cannot be used. Says what to do, and carries no secret. */
export class AzureBlobUnusable extends Schema.TaggedError<AzureBlobUnusable>()("AzureBlobUnusable", {
  /** Of the account; never a URL with a signature. */
  host: Schema.String,
  container: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `The container "${this.container}" at ${this.host} cannot be used: ${this.reason}.`
  }
}

const isContainerName = Schema.is(
  Schema.String.check(Schema.isPattern(/^[a-z0-9]+(-[a-z0-9]+)*$/), Schema.isBetweenLength(3, 63))
)
const isAccountName = Schema.is(Schema.String.check(Schema.isPattern(/^[a-z0-9]{3,24}$/)))
const isKey = Schema.is(Schema.String.check(Schema.isPattern(/^[A-Za-z0-9+/]{20,}={0,2}$/)))

/** The SDK sends a request once: repeating, and for how long, is decided in one place. */
const clientOptions = { retryOptions: { maxTries: 1 }, userAgentOptions: { userAgentPrefix: "sheaf" } }

/** What a connection string says, by the names of its parts in lower case. */
const partsOf = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text.split(";").map((part) => part.trim()).filter((part) => part !== "").map((part) => {
      const at = part.indexOf("=")
      return at < 0 ? [part, ""] as const : [part.slice(0, at).toLowerCase(), part.slice(at + 1)] as const
    })
  )

interface Access {
  readonly endpoint: string
  readonly account: string
  readonly key?: string
  readonly sas?: string
}

/** Or what is wrong with it, in words that repeat nothing of it. */
const accessOf = (credentials: AzureCredentials): Access | string => {
  if (!("connectionString" in credentials)) {
    const { account, endpoint = `https://${account}.blob.core.windows.net` } = credentials
    return "key" in credentials
      ? { account, endpoint, key: Redacted.value(credentials.key) }
      : { account, endpoint, sas: Redacted.value(credentials.sas) }
  }
  const parts = partsOf(Redacted.value(credentials.connectionString))
  const { accountkey: key, accountname: account, sharedaccesssignature: sas } = parts
  if (key === undefined && sas === undefined) {
    return "the connection string has neither AccountKey nor SharedAccessSignature; copy it from the portal, Access keys"
  }
  const { defaultendpointsprotocol: protocol = "https", endpointsuffix: suffix = "core.windows.net" } = parts
  const endpoint = parts["blobendpoint"] ?? (account && `${protocol}://${account}.blob.${suffix}`)
  if (endpoint === undefined) return "the connection string has neither AccountName nor BlobEndpoint"
  if (key !== undefined && account === undefined) return "the connection string has AccountKey, but no AccountName"
  return { account: account ?? "", endpoint, ...(key === undefined ? { sas: sas ?? "" } : { key }) }
}

/** A service to talk to, made without talking to it; or what is wrong. */
const clientOf = ({ account, endpoint, key, sas }: Access): BlobServiceClient | string => {
  const url = URL.parse(endpoint)
  if (url === null || !/^https?:$/.test(url.protocol)) return "the endpoint is not an http or https URL"
  if (url.username !== "" || url.search !== "") return "the endpoint must be without user and query"
  if (key === undefined) {
    const query = new URLSearchParams(sas)
    if (!query.has("sig")) return "the shared access signature has no `sig`"
    return new BlobServiceClient(`${endpoint}?${query}`, undefined, clientOptions)
  }
  if (!isAccountName(account)) return "the account's name must be 3 to 24 lower-case letters and digits"
  if (!isKey(key)) return "the account's key is not base64: copy it again, whole"
  return new BlobServiceClient(endpoint, new StorageSharedKeyCredential(account, key), clientOptions)
}

const development = "UseDevelopmentStorage=true"

const serviceOf = (credentials: AzureCredentials): BlobServiceClient | string => {
  const isEmulator = "connectionString" in credentials &&
    Redacted.value(credentials.connectionString).replace(/;$/, "") === development
  if (isEmulator) return BlobServiceClient.fromConnectionString(development, clientOptions)
  const access = accessOf(credentials)
  return Predicate.isString(access) ? access : clientOf(access)
}

/** What a person can do about an answer at the start. */
const reasonOf = (error: BlobStoreError): string => {
  const { cause } = error
  if (!(cause instanceof AzureAnswer)) return error.operation
  if (cause.status === null) {
    return `${cause.message}; check the account's name and that this machine may reach it`
  }
  if (cause.status === 401 || cause.status === 403) {
    return `${cause.message}; the key is wrong, the signature has expired or does not allow this, or the account's firewall keeps this machine out`
  }
  if (cause.code === "ResourceNotFound") return `${cause.message}; there is no such account`
  if (cause.code === "ContainerBeingDeleted") {
    return `${cause.message}; wait a minute until its deletion is over, or name another container`
  }
  return cause.message
}

/** Finds the container, or makes it. */
const ensureContainer = (container: ContainerClient, { send }: Requests) =>
  send("open", (abortSignal) => container.listBlobsFlat({ abortSignal }).byPage({ maxPageSize: 1 }).next()).pipe(
    Effect.catchIf(
      (error) => codeIn(error) === "ContainerNotFound",
      () =>
        send("open", (abortSignal) => container.create({ abortSignal })).pipe(
          // Another process that starts at this moment was quicker.
          Effect.catchIf((error) => codeIn(error) === "ContainerAlreadyExists", () => Effect.void)
        )
    )
  )

/** Says at the start, not in the middle of an upload, that blobs cannot be written or removed. */
const proveWritable = (container: ContainerClient, { send }: Requests) => {
  const probe = container.getAppendBlobClient(`probe~${randomUUID()}`)
  const remove = send("open", (abortSignal) => probe.delete({ abortSignal })).pipe(
    // A repeated request finds what the first one did.
    Effect.catchIf((error) => statusIn(error) === 404, () => Effect.void)
  )
  return Effect.andThen(send("open", (abortSignal) => probe.create({ abortSignal })), remove)
}

/** The container, found usable. Made if it is not there. */
export const connect = Effect.fn("AzureBlobs.connect")(function*(options: {
  readonly credentials: AzureCredentials
  readonly container: string
  readonly requests: Requests
}) {
  const { container: name, credentials, requests } = options
  const service = serviceOf(credentials)
  if (Predicate.isString(service)) {
    return yield* new AzureBlobUnusable({ host: "(no account)", container: name, reason: service })
  }
  const { host } = new URL(service.url)
  const unusable = (reason: string) => new AzureBlobUnusable({ host, container: name, reason })
  if (!isContainerName(name)) {
    return yield* unusable("its name must be 3 to 63 lower-case letters, digits and single dashes between them")
  }
  const container = service.getContainerClient(name)
  yield* Effect.andThen(ensureContainer(container, requests), proveWritable(container, requests)).pipe(
    Effect.mapError((error) => unusable(reasonOf(error)))
  )
  const canSign = service.credential instanceof StorageSharedKeyCredential
  return { container, canSign, isPlainHttp: service.url.startsWith("http:") }
})
