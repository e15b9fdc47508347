import { BlockList, isIP, isIPv4, isIPv6 } from "node:net"

/**
 * Special-purpose IPv4 ranges that lead to this machine, its neighbours or nowhere (IANA IPv4 Special-Purpose Address Registry,
 * RFC 6890), multicast, and the address of Azure's host, which is not in the registry.
 */
const closed4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.31.196.0/24",
  "192.52.193.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "192.175.48.0/24",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "168.63.129.16/32"
]

/** Of IPv6 only what is routed in the internet, */
const open6 = ["2000::/3"]

/** and of that not the parts that carry IPv4 addresses, are for documents, or are special otherwise (RFC 6890 and later). */
const closed6 = ["2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"]

const split = (range: string): { readonly address: string; readonly bits: number } | undefined => {
  const [address = "", bits, ...rest] = range.split("/")
  const family = isIP(address)
  const widest = family === 4 ? 32 : 128
  const length = bits === undefined ? widest : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN
  return family === 0 || rest.length > 0 || !(length <= widest) ? undefined : { address, bits: length }
}

/** Whether this names addresses: `10.1.2.3`, `10.1.0.0/16`, `fd00::/8`. */
export const isRange = (text: string): boolean => split(text) !== undefined

const listOf = (ranges: ReadonlyArray<string>): BlockList => {
  const list = new BlockList()
  for (const range of ranges) {
    const parts = split(range)
    if (parts === undefined) throw new Error(`${range} is no range of addresses`)
    list.addSubnet(parts.address, parts.bits, isIPv4(parts.address) ? "ipv4" : "ipv6")
  }
  return list
}

const closed = { ipv4: listOf(closed4), ipv6: listOf(closed6) }
const open = listOf(open6)

/** An IPv4 address in the clothes of IPv6 (`::ffff:10.0.0.1`, RFC 4291, section 2.5.5.2) is never taken off: it is refused. */
export const isPublic = (address: string): boolean =>
  isIPv4(address)
    ? !closed.ipv4.check(address, "ipv4")
    : isIPv6(address) && !address.includes("%") && open.check(address, "ipv6") && !closed.ipv6.check(address, "ipv6")

/**
 * Says which addresses may be connected to: those of the public internet, and those in the ranges that the operator allows besides.
 * An allowed IPv4 range does not cover the same addresses written as IPv6.
 */
export const makeGuard = (allowed: ReadonlyArray<string>): (address: string) => boolean => {
  const list = {
    4: listOf(allowed.filter((range) => !range.includes(":"))),
    6: listOf(allowed.filter((range) => range.includes(":")))
  }
  return (address) => {
    if (isPublic(address)) return true
    if (isIPv4(address)) return list[4].check(address, "ipv4")
    return isIPv6(address) && !address.includes("%") && list[6].check(address, "ipv6")
  }
}
