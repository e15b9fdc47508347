/** What a container may hold and what reading it may cost. Counted as bytes come out, whatever the container says of itself. */
export interface ZipLimits {
  readonly entries: number
  /** Inflated bytes of one entry that is read as a stream. */
  readonly entryBytes: number
  /** Inflated bytes of one entry that is held in memory whole. */
  readonly heldBytes: number
  /** Inflated bytes of everything that is read, entries that are read twice counted twice. */
  readonly totalBytes: number
  /** Inflated bytes for each packed one, looked at once `ratioFrom` bytes have come out. Sheets of equal rows reach 100; zeros 1,029. */
  readonly ratio: number
  readonly ratioFrom: number
}

const mebibyte = 1_024 * 1_024

export const zipLimits: ZipLimits = {
  entries: 20_000,
  entryBytes: 1_024 * mebibyte,
  heldBytes: 64 * mebibyte,
  totalBytes: 2_048 * mebibyte,
  ratio: 300,
  ratioFrom: 4 * mebibyte
}
