/** One figure about what is read from the files of a corpus. */
export interface Finding {
  readonly part: string
  readonly name: string
  readonly value: number
  /** The same of poppler's `pdftotext`, where it is installed and says anything about it. */
  readonly pdftotext?: number
  readonly note?: string
}

export const ratio = (value: number): number => Math.round(value * 1_000) / 1_000
