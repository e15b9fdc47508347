/**
 * Who may wait for foreign servers. Half of a process's hands at the most, so that events that carry their bytes get through, and half of
 * those for one tenant, so that no tenant with slow servers keeps the others waiting.
 */
export class UrlSlots {
  readonly #most: number
  readonly #mostOfOne: number
  readonly #busy = new Map<string, number>()
  #total = 0

  constructor(hands: number) {
    this.#most = Math.max(1, Math.floor(hands / 2))
    this.#mostOfOne = Math.max(1, Math.floor(this.#most / 2))
  }

  /** `true` when the tenant got one, which must be given back. */
  take(tenant: string): boolean {
    const busy = this.#busy.get(tenant) ?? 0
    if (this.#total >= this.#most || busy >= this.#mostOfOne) return false
    this.#total++
    this.#busy.set(tenant, busy + 1)
    return true
  }

  giveBack(tenant: string): void {
    const busy = (this.#busy.get(tenant) ?? 1) - 1
    this.#total--
    if (busy === 0) this.#busy.delete(tenant)
    else this.#busy.set(tenant, busy)
  }
}
