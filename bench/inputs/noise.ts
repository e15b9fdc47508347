import { rowsToPng } from "@sheaf/worker/parsing/pdf/content/png"
import { deflateSync } from "node:zlib"

/** A square picture (PNG) of coloured noise, which no compression makes smaller. */
export const noise = (edge: number, random: () => number): Uint8Array => {
  const rows = Buffer.alloc(edge * (1 + 3 * edge))
  for (let i = 0; i < rows.length; i++) rows[i] = i % (1 + 3 * edge) === 0 ? 0 : random() * 256
  return rowsToPng(deflateSync(rows), { width: edge, height: edge, channels: 3 })
}
