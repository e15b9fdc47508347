import { assert, describe, it } from "@effect/vitest"
import { isRange, makeGuard } from "./addresses.ts"

const closed = [
  "0.0.0.0",
  "0.1.2.3",
  "10.0.0.1",
  "10.255.255.255",
  "100.64.0.1",
  "100.100.100.200",
  "100.127.255.255",
  "127.0.0.1",
  "127.255.255.254",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.0.192",
  "192.0.2.1",
  "192.88.99.1",
  "192.168.1.1",
  "198.18.0.1",
  "198.19.255.255",
  "198.51.100.7",
  "203.0.113.7",
  "224.0.0.1",
  "239.255.255.250",
  "240.0.0.1",
  "255.255.255.255",
  "168.63.129.16",
  "::",
  "::1",
  "::ffff:127.0.0.1",
  "::ffff:8.8.8.8",
  "::ffff:a00:1",
  "::127.0.0.1",
  "64:ff9b::a00:1",
  "64:ff9b:1::1",
  "100::1",
  "2001::1",
  "2001:10::1",
  "2001:db8::1",
  "2002:7f00:1::",
  "fc00::1",
  "fd00:ec2::254",
  "fe80::1",
  "fe80::1%eth0",
  "fec0::1",
  "ff02::1",
  "3fff::1",
  "5f00::1",
  "",
  "localhost",
  "8.8.8",
  "0x7f.1",
  "[::1]",
  "8.8.8.8:80"
]
const open = [
  "1.1.1.1",
  "8.8.8.8",
  "93.184.216.34",
  "100.63.255.255",
  "100.128.0.1",
  "172.15.0.1",
  "172.32.0.1",
  "192.0.1.1",
  "169.253.1.1",
  "223.255.255.255",
  "198.17.0.1",
  "198.20.0.1",
  "2606:4700::1111",
  "2a00:1450:4001::1",
  "2001:4860:4860::8888"
]

describe("addresses", () => {
  it("are open where the internet is, and nowhere else", () => {
    const guard = makeGuard([])
    assert.deepStrictEqual(closed.filter(guard), [])
    assert.deepStrictEqual(open.filter((address) => !guard(address)), [])
  })

  it("can be allowed by range", () => {
    const guard = makeGuard(["127.0.0.1", "10.1.0.0/16", "fd00::/8"])
    const asked = ["127.0.0.1", "127.0.0.2", "10.1.2.3", "10.2.0.1", "fd12::1", "fe80::1", "::ffff:127.0.0.1", "::1"]
    assert.deepStrictEqual(asked.filter(guard), ["127.0.0.1", "10.1.2.3", "fd12::1"])
  })

  it("are told from what is no range", () => {
    assert.deepStrictEqual(["10.0.0.0/8", "::1", "fd00::/8", "1.2.3.4/32"].filter((text) => !isRange(text)), [])
    const wrong = ["", "10.0.0.0/33", "10.0.0.0/8/8", "fd00::/129", "host", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/x"]
    assert.deepStrictEqual(wrong.filter(isRange), [])
  })
})
