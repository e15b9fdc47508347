import { Option } from "effect"

/** Flags that were given, without those that were not. */
export const given = <Flags extends Readonly<Record<string, Option.Option<unknown>>>>(
  flags: Flags
): { readonly [Name in keyof Flags]?: Option.Option.Value<Flags[Name]> } =>
  // Each name keeps the value of its own option.
  Object.fromEntries(
    Object.entries(flags).flatMap(([name, flag]) => Option.isSome(flag) ? [[name, flag.value]] : [])
  ) as { [Name in keyof Flags]?: Option.Option.Value<Flags[Name]> }
