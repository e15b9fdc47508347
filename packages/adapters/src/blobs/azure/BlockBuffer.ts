const smallest = 64 * 1024

/** Bytes on their way into a block: copied together as they come, however small the pieces, and never more than `limit` of them. */
export class BlockBuffer {
  readonly #limit: number
  #bytes: Buffer<ArrayBuffer>
  #length = 0

  constructor(limit: number) {
    this.#limit = limit
    this.#bytes = Buffer.allocUnsafeSlow(Math.min(smallest, limit))
  }

  get length(): number {
    return this.#length
  }

  get isFull(): boolean {
    return this.#length === this.#limit
  }

  /** Takes what fits, and answers how many bytes that were. */
  add(bytes: Uint8Array): number {
    const taken = Math.min(bytes.length, this.#limit - this.#length)
    this.#grow(this.#length + taken)
    this.#bytes.set(taken === bytes.length ? bytes : bytes.subarray(0, taken), this.#length)
    this.#length += taken
    return taken
  }

  /** What was taken; valid until `clear`. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  clear(): void {
    this.#length = 0
  }

  #grow(wanted: number): void {
    if (wanted <= this.#bytes.length) return
    const size = Math.min(this.#limit, Math.max(wanted, this.#bytes.length * 2))
    const larger = Buffer.allocUnsafeSlow(size)
    larger.set(this.bytes)
    this.#bytes = larger
  }
}
