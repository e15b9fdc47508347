import { Flag } from "effect/cli"

/**
 * A flag that may be given any number of times. The default says that it need not be given at all: without it, help for programs
 * counts the flag among those that are required.
 */
export const repeated = <A>(flag: Flag.Flag<A>): Flag.Flag<ReadonlyArray<A>> =>
  flag.pipe(Flag.atLeast(0), Flag.withDefault<ReadonlyArray<A>>([]))
