import { Schema } from "effect"
import { ImportId } from "../ids.ts"
import { ImportState } from "./Import.ts"

export class ImportNotFound extends Schema.TaggedError<ImportNotFound>()("ImportNotFound", { importId: ImportId }) {
  override get message() {
    return `There is no import ${this.importId} that this key may see. List them with \`sheaf imports list\`.`
  }
}

/** It has ended: there is nothing left to cancel, and it takes no bytes. */
export class ImportOver extends Schema.TaggedError<ImportOver>()("ImportOver", {
  importId: ImportId,
  state: ImportState
}) {
  override get message() {
    return `Import ${this.importId} is ${this.state}: nothing can be done with it any more. Begin another one.`
  }
}

/** So many imports of the tenant are not over yet. */
export class TooManyImports extends Schema.TaggedError<TooManyImports>()("TooManyImports", { limit: Schema.Int }) {
  override get message() {
    return `${this.limit} imports are not over yet, and more are not taken. Wait for one, or cancel one: \`sheaf imports list\`.`
  }
}
