import { SpaceId } from "@sheaf/domain/ids"
import { Space } from "@sheaf/domain/spaces/Space"
import { createHash } from "node:crypto"

type Identity = Pick<
  Space,
  "provider" | "model" | "revision" | "dimension" | "queryPrefix" | "documentPrefix" | "normalised" | "tokenizer"
>

/** The first 16 hex digits of SHA-256 over everything that makes two vectors comparable. */
const spaceId = (of: Identity): SpaceId => {
  const identity = [
    of.provider,
    of.model,
    of.revision,
    of.dimension,
    of.queryPrefix,
    of.documentPrefix,
    of.normalised,
    of.tokenizer
  ]
  return SpaceId.make(createHash("sha256").update(JSON.stringify(identity)).digest("hex").slice(0, 16))
}

/** A space with the id that its own fields give it. */
export const makeSpace = (fields: Omit<ConstructorParameters<typeof Space>[0], "id">): Space =>
  new Space({ ...fields, id: spaceId(fields) })
