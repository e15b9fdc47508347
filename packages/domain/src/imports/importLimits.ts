/** What one import may be, and how many of a tenant there may be. Over one of them is a typed refusal. */
export const importLimits = {
  /** Bytes of the file, counted while they come. */
  maxBytes: 100 * 1024 * 1024,
  maxRows: 100_000,
  maxColumns: 100,
  /** Imports of a tenant that are read or carried out at the same time; the others wait for their turn. */
  atWork: 2,
  /** Imports of a tenant that are not over. */
  open: 50
} as const
