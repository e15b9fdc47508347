import { Context, Duration } from "effect"

/** How an installation looks after itself. */
export interface UpkeepOptions {
  /** How often each tenant is looked through for drift. */
  readonly lookEvery: Duration.Duration
  /** Whether such a look mends what it finds. */
  readonly mends: boolean
  /** How long what was suspected is given to come right by itself. */
  readonly secondLook: Duration.Duration
  /**
   * Blobs that belong to nobody are left alone for so long. Bytes are written before the row that says whose they are: a document that
   * comes in one request has none until its last byte is there, and whoever is slow may take hours.
   */
  readonly grace: Duration.Duration
  /** How long it is known who changed what. */
  readonly auditKept: Duration.Duration
}

export const defaults: UpkeepOptions = {
  lookEvery: Duration.hours(1),
  mends: true,
  secondLook: Duration.seconds(30),
  grace: Duration.hours(24),
  auditKept: Duration.days(400)
}

export const Upkeep = Context.Reference<UpkeepOptions>("@sheaf/worker/reconcile/Upkeep", {
  defaultValue: () => defaults
})
