import { Predicate } from "effect"

/** What every error of this package says beside its message. */
export interface Explanation {
  /** What to do about it. */
  readonly hint: string
  /** The same call may succeed later without anybody changing anything. */
  readonly retryable: boolean
  /** Names the details in the server's log, where the server gave one. */
  readonly requestId?: string
}

const brand = "~@sheaf/sdk/SheafError"

/**
 * Every error that this package rejects or fails with. A union of classes shares no base class with the schemas of the
 * contract, so `instanceof SheafError` asks for a mark that all of them carry.
 */
export interface SheafError extends Error, Explanation {
  readonly _tag: string
}
export const SheafError = {
  [Symbol.hasInstance]: (value: unknown): value is SheafError => Predicate.hasProperty(value, brand)
}

/** Puts the mark on a class of errors. */
export const mark = (constructor: { readonly prototype: object }): void => {
  Object.defineProperty(constructor.prototype, brand, { value: true })
}

interface Constructor<Instance extends Error> {
  readonly prototype: Instance
  new(fields: never): Instance
}

export type Explained<Base extends Constructor<Error>> = new(
  fields: ConstructorParameters<Base>[0]
) => InstanceType<Base> & Explanation

/** A class of the contract's errors that also carries an explanation; `instanceof` holds for both classes. */
export const explained = <Base extends Constructor<Error>>(
  base: Base,
  explanation: {
    readonly hint: (error: InstanceType<Base>) => string
    readonly retryable: boolean
    readonly requestId?: (error: InstanceType<Base>) => string
  }
): Explained<Base> => {
  const derived = class extends (base as unknown as new(fields: unknown) => Error) {}
  const getter = <A>(read: (error: InstanceType<Base>) => A) => ({
    get(this: InstanceType<Base>) {
      return read(this)
    }
  })
  Object.defineProperties(derived.prototype, {
    hint: getter(explanation.hint),
    retryable: getter(() => explanation.retryable),
    ...(explanation.requestId && { requestId: getter(explanation.requestId) })
  })
  mark(derived)
  // The prototype now has what the type promises; a class expression cannot say so for a base class that is a parameter.
  return derived as unknown as Explained<Base>
}
