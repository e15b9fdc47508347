import { Schema } from "effect"

/** Whether the search index agrees with the database. `failed`: it could not be brought in step; it is tried again. */
export const IndexState = Schema.Literals(["in_sync", "pending", "failed"])
