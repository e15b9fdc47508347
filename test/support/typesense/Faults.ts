/** What goes wrong with requests. */
export type Fault =
  /** The connection is cut before any answer. */
  | { readonly kind: "cut" }
  /** 503, as a server that is behind answers. */
  | { readonly kind: "behind" }
  /** Healthy, with writes in the queue that never becomes empty. */
  | { readonly kind: "busy" }
  /** 422: the disk is full. */
  | { readonly kind: "full" }
  | { readonly kind: "slow"; readonly millis: number }
  /** Done, but never answered. */
  | { readonly kind: "silent" }
  /** Done, but only half of the answer arrives. */
  | { readonly kind: "half" }
  /** Of an import every second line is refused for the moment. */
  | { readonly kind: "lines" }

interface Rule<Kind> {
  readonly fault: Kind
  readonly path: RegExp
  left: number
}

/** Faults that wait for requests: of this double, or of another that has kinds of its own. */
export class Faults<Kind = Fault> {
  private rules: Array<Rule<Kind>> = []

  /** The next `times` requests whose method and path match (`POST /multi_search`) go wrong in this way. */
  add(fault: Kind, { path = /./, times = Infinity }: { readonly path?: RegExp; readonly times?: number } = {}): void {
    this.rules.push({ fault, path, left: times })
  }

  clear(): void {
    this.rules = []
  }

  take(request: string): Kind | undefined {
    const rule = this.rules.find(({ left, path }) => left > 0 && path.test(request))
    if (rule === undefined) return undefined
    rule.left--
    return rule.fault
  }
}
