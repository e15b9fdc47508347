/** A UUID as 32 lower-case hex digits: the engine folds case, accents and symbols of all else that it compares. */
export const hexOf = (uuid: string): string => {
  const hex = uuid.replaceAll("-", "").toLowerCase()
  if (!/^[0-9a-f]{32}$/.test(hex)) throw new RangeError("not a UUID")
  return hex
}

export const uuidOf = (hex: string): string =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`

/** Two tenants may have segments of the same id: a record is named by both. */
export const recordId = (tenantId: string, segmentId: string): string => hexOf(tenantId) + hexOf(segmentId)

export const segmentIdOf = (id: string): string => uuidOf(id.slice(32))
