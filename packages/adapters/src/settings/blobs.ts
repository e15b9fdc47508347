import { Option, type Redacted } from "effect"
import type { Reader } from "./Reader.ts"
import { type Kind, secretText, variable } from "./Variable.ts"

/** Where the bytes of documents lie. */
export type BlobSettings =
  /** Below the data folder. */
  | { readonly _tag: "Folder" }
  | { readonly _tag: "Azure"; readonly connectionString: Redacted.Redacted; readonly container: string }

const connection: Kind<Redacted.Redacted> = {
  name: "connection string of a storage account, like `DefaultEndpointsProtocol=https;AccountName=...;AccountKey=...`",
  parse: (text) =>
    /(^|;)\s*(AccountName|BlobEndpoint)=[^;]+/i.test(text) &&
        /(^|;)\s*(AccountKey|SharedAccessSignature)=[^;]+/i.test(text) ||
      text.trim() === "UseDevelopmentStorage=true"
      ? secretText.parse(text)
      : Option.none()
}

/** The rules of Azure for the names of containers. */
const containerName: Kind<string> = {
  name: "3 to 63 lower-case letters, digits and single hyphens",
  parse: (text) => /^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/.test(text) ? Option.some(text) : Option.none()
}

export const azureConnection = variable(
  "AZURE_STORAGE_CONNECTION_STRING",
  connection,
  "The Azure storage account (or Azurite) that holds the bytes of documents. Not set: the folder `blobs` in the data folder, which all processes must then share.",
  { secret: true }
)

const container = {
  ...variable(
    "SHEAF_BLOB_CONTAINER",
    containerName,
    "The container in that account; made at the start where it is missing."
  ),
  default: "sheaf"
}

export const variables = [azureConnection, container]

export const read = (reader: Reader): BlobSettings => {
  const connection = reader.optional(azureConnection)
  if (!reader.isSet(azureConnection)) {
    reader.idle([container], azureConnection)
    return { _tag: "Folder" }
  }
  const name = reader.get(container)
  return Option.match(connection, {
    onNone: () => ({ _tag: "Folder" }),
    onSome: (connectionString) => ({ _tag: "Azure", connectionString, container: name })
  })
}
