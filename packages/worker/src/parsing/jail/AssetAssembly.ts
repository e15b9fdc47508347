import type { Sha256 } from "@sheaf/domain/ids"
import { createHash } from "node:crypto"
import type { JailReply } from "./protocol.ts"

/** An asset that has arrived whole, and is what it said. */
export interface ParsedAsset {
  readonly hash: Sha256
  readonly mediaType: string
  readonly name: string | undefined
  readonly bytes: Uint8Array
}

/** Puts what was sent together again. Whoever sends is not to be trusted: what does not fit together is no answer (`null`). */
export class AssetAssembly {
  #begun: Extract<JailReply, { readonly _tag: "Asset" }> | undefined
  #parts: Array<Buffer> = []
  #size = 0

  begin(asset: Extract<JailReply, { readonly _tag: "Asset" }>): ParsedAsset | "more" | null {
    if (this.#begun !== undefined || asset.size < 0) return null
    this.#begun = asset
    return asset.size === 0 ? this.#end() : "more"
  }

  add(base64: string): ParsedAsset | "more" | null {
    if (this.#begun === undefined) return null
    const part = Buffer.from(base64, "base64")
    this.#parts.push(part)
    this.#size += part.length
    if (this.#size > this.#begun.size || part.length === 0) return null
    return this.#size === this.#begun.size ? this.#end() : "more"
  }

  #end(): ParsedAsset | null {
    const { hash, mediaType, name } = this.#begun!
    const bytes = Buffer.concat(this.#parts)
    this.#begun = undefined
    this.#parts = []
    this.#size = 0
    return createHash("sha256").update(bytes).digest("hex") === hash ? { hash, mediaType, name, bytes } : null
  }
}
