import { String } from "effect"

/** Columns are `snake_case`, everything else `camelCase`. What lies inside a JSON value is data and stays as it is. */
export const names = {
  transformQueryNames: String.camelToSnake,
  transformResultNames: String.snakeToCamel,
  transformJson: false
} as const
