/**
 * Whether a dependency is asked at all.
 *
 * - `Closed`: it is. Failures in a row are counted.
 * - `Open`: nobody asks until the time is over.
 * - `HalfOpen`: one probe is under way, and decides.
 */
export type Circuit =
  | { readonly _tag: "Closed"; readonly downs: number; readonly overloads: number; readonly openings: number }
  | { readonly _tag: "Open"; readonly until: number; readonly openings: number }
  | { readonly _tag: "HalfOpen"; readonly openings: number }

export interface Trip {
  /** Requests in a row without a proper answer. */
  readonly downs: number
  /** Rounds in a row that the server was too busy for. */
  readonly overloads: number
}

export const closed: Circuit = { _tag: "Closed", downs: 0, overloads: 0, openings: 0 }

/** `openings` counts how often it opened since anything but a probe succeeded: the open time grows with it. */
export const opened = (circuit: Circuit, until: number): Circuit => ({
  _tag: "Open",
  until,
  openings: circuit.openings + 1
})

/** Whether one more failure of this kind opens it. What was sent before it opened changes nothing. */
export const failed = (circuit: Circuit, kind: "down" | "overloaded", trip: Trip): Circuit | "trip" => {
  if (circuit._tag !== "Closed") return circuit
  const downs = circuit.downs + (kind === "down" ? 1 : 0)
  const overloads = circuit.overloads + (kind === "overloaded" ? 1 : 0)
  return downs >= trip.downs || overloads >= trip.overloads ? "trip" : { ...circuit, downs, overloads }
}

export const succeeded = (circuit: Circuit): Circuit => circuit._tag === "Closed" ? closed : circuit

/** The time is over: the next request is the probe. */
export const probing = (circuit: Circuit): Circuit => ({ _tag: "HalfOpen", openings: circuit.openings })

/** The probe went well. How often it opened is remembered until real work succeeds. */
export const recovered = (circuit: Circuit): Circuit => ({ ...closed, openings: circuit.openings })
