/** Doubling from `first` to `longest` (ms), between half and all of it: `jitter` from 0 to 1 keeps many from coming back at once. */
export const backoff = (
  attempt: number,
  jitter: number,
  { first, longest }: { readonly first: number; readonly longest: number }
): number => Math.min(longest, first * 2 ** Math.min(Math.max(0, attempt - 1), 30)) * (0.5 + jitter / 2)
