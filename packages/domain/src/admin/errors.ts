import { Schema } from "effect"
import { ApiKeyId, JobId, TenantId } from "../ids.ts"

export class ApiKeyNotFound extends Schema.TaggedError<ApiKeyNotFound>()("ApiKeyNotFound", { keyId: ApiKeyId }) {
  override get message() {
    return `There is no API key ${this.keyId}. List them with \`sheaf keys list\`.`
  }
}

export class TenantNotFound extends Schema.TaggedError<TenantNotFound>()("TenantNotFound", { tenantId: TenantId }) {
  override get message() {
    return `There is no tenant ${this.tenantId}. List them with \`sheaf tenants list\`.`
  }
}

export class TenantNameTaken extends Schema.TaggedError<TenantNameTaken>()("TenantNameTaken", { name: Schema.String }) {
  override get message() {
    return `A tenant named "${this.name}" exists already. Choose another name.`
  }
}

/** Nobody deletes the tenant that they work in, nor the one whose key the installation began with: nobody could act for it afterwards. */
export class TenantProtected extends Schema.TaggedError<TenantProtected>()("TenantProtected", {
  tenantId: TenantId,
  reason: Schema.Literals(["own", "firstKey"])
}) {
  override get message() {
    return this.reason === "own"
      ? `Tenant ${this.tenantId} is the one that this key belongs to, and cannot be deleted with it.`
      : `Tenant ${this.tenantId} holds the first key of this installation, and cannot be deleted.`
  }
}

/** None of the jobs that were named is a dead letter (any more). */
export class DeadLetterNotFound extends Schema.TaggedError<DeadLetterNotFound>()("DeadLetterNotFound", {
  jobIds: Schema.Array(JobId)
}) {
  override get message() {
    return `None of these jobs was given up, or all of them were begun again since: ${this.jobIds.join(", ")}.`
  }
}
