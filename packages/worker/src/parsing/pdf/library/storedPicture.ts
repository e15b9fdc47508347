import { crc32 } from "node:zlib"

/** A picture as a file stores it. Nothing of it is unpacked before somebody asks. */
export interface StoredPicture {
  /** In pixels. */
  readonly width: number
  readonly height: number
  /** A checksum of its bytes as they are stored. */
  readonly print: () => number
  /** Its bytes as they are stored, where other programs show the same for them. */
  readonly packed: () => Packed | null
  /** What the library makes of it. Fails where it is damaged. */
  readonly decode: () => Promise<unknown>
}

export type Packed =
  | { readonly format: "jpeg"; readonly bytes: Uint8Array }
  /** The rows of a PNG, compressed: its IDAT. */
  | { readonly format: "rows"; readonly bytes: Uint8Array; readonly channels: 1 | 3 }

/** A stream of the library, over the one that it unpacks; at the bottom lies part of the file. */
export interface LibraryStream {
  readonly stream?: LibraryStream
  readonly bytes?: Uint8Array
  readonly start?: number
  readonly end?: number
  /** Of rows that are stored as what they differ from others by: how (from 10 on as in PNG), and what they are. */
  readonly predictor?: number
  readonly colors?: number
  readonly bits?: number
  readonly columns?: number
  readonly jpegOptions?: { readonly colorTransform?: number }
}

export interface LibraryDict {
  readonly objId?: string | null
  readonly has: (key: string) => boolean
  readonly get: (key: string, other?: string) => unknown
}

/** What the library knows of a picture when it comes upon one. */
export interface FoundPicture {
  readonly width: number
  readonly height: number
  readonly dict: LibraryDict
  readonly isJpeg: boolean
  /** Rows packed by Flate, with or without a predictor. */
  readonly isFlate: boolean
  /** Its stream, from the beginning. Each keeps what it has unpacked, so none of them is kept. */
  readonly open: () => LibraryStream
  readonly decode: (opened: LibraryStream) => Promise<unknown>
}

export const storedPicture = ({ decode, dict, height, isFlate, isJpeg, open, width }: FoundPicture): StoredPicture => ({
  width,
  height,
  decode: async () => decode(open()),
  print: () => crc32(partOfFile(open()) ?? Buffer.from(dict.objId ?? "")),
  packed: () => {
    if (!isPlain(dict)) return null
    const image = open()
    if (isJpeg && image.bytes !== undefined && image.jpegOptions?.colorTransform === undefined) {
      return { format: "jpeg", bytes: image.bytes }
    }
    const { bits, colors, columns, predictor, stream } = image
    if (!isFlate || predictor === undefined || predictor < 10 || bits !== 8 || columns !== width) return null
    // Of an encrypted file they lie below another stream, which would have to be read to its end first.
    const bytes = stream?.stream === undefined ? undefined : slice(stream.stream)
    return bytes !== undefined && (colors === 1 || colors === 3) ? { format: "rows", bytes, channels: colors } : null
  }
})

const slice = ({ bytes, end, start }: LibraryStream): Uint8Array | undefined =>
  start === undefined ? undefined : bytes?.subarray(start, end)

const partOfFile = (image: LibraryStream): Uint8Array | undefined => {
  let at: LibraryStream | undefined = image
  while (at !== undefined && at.start === undefined) at = at.stream
  return at === undefined ? undefined : slice(at)
}

const plainColours: ReadonlySet<unknown> = new Set([
  "DeviceGray",
  "DeviceRGB",
  "CalGray",
  "CalRGB",
  "ICCBased",
  "G",
  "RGB"
])

/** Nothing lies between what is stored and what is shown: no mask, no palette, no colours turned round. */
const isPlain = (dict: LibraryDict): boolean => {
  const colours = dict.get("CS", "ColorSpace")
  const decode = dict.get("D", "Decode")
  return !dict.has("SMask") && !dict.has("Mask") &&
    plainColours.has(nameOf(Array.isArray(colours) ? colours[0] : colours)) &&
    (!Array.isArray(decode) || decode.every((value, at) => value === at % 2))
}

const nameOf = (value: unknown): unknown =>
  typeof value === "object" && value !== null && "name" in value ? value.name : undefined
