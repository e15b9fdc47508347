import { ParseFailure, type ParseOutput } from "../Parser.ts"
import type { XmlElement } from "../xml/tree.ts"
import type { Package } from "./openPackage.ts"

/** A part that a document can be read without: null, with a warning, when it is damaged. */
export const optionalTree = async (
  source: Package,
  part: string | undefined,
  { warn }: Pick<ParseOutput, "warn">
): Promise<XmlElement | null> => {
  try {
    return await source.tree(part)
  } catch (error) {
    if (!(error instanceof ParseFailure) || error.failure._tag !== "Corrupt") throw error
    warn({ page: null, detail: `${part} could not be read: ${error.failure.detail}`.slice(0, 300) })
    return null
  }
}
