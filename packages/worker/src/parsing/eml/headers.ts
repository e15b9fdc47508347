import type { Address, Email } from "postal-mime"

/** Addresses of one header; the rest is counted. */
const maxAddresses = 50

/** Who wrote to whom and when, a line each. */
export const headerLines = (email: Email): ReadonlyArray<string> =>
  ([
    ["From", email.from === undefined ? "" : addressText(email.from)],
    ["To", addressesText(email.to)],
    ["Cc", addressesText(email.cc)],
    ["Date", email.date ?? ""]
  ] as const).filter(([, value]) => value.trim() !== "").map(([name, value]) =>
    `${name}: ${value.replace(/\s+/g, " ")}`
  )

const addressesText = (addresses: ReadonlyArray<Address> = []): string => {
  const more = addresses.length - maxAddresses
  return [...addresses.slice(0, maxAddresses).map(addressText), ...(more > 0 ? [`and ${more} more`] : [])].join(", ")
}

const addressText = ({ address, group, name }: Address): string => {
  if (group !== undefined) return `${name}: ${addressesText(group)}`
  if (name === "" || name === address) return address ?? ""
  return address === undefined || address === "" ? name : `${name} <${address}>`
}
