import { cpus, release, totalmem } from "node:os"

/** What the figures were measured on. */
export const machine = () => {
  const cores = cpus()
  return {
    cores: cores.length,
    cpu: cores[0]?.model.trim() ?? "unknown",
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version
  }
}
