import * as Fs from "node:fs"

/** Writes a file that its owner alone can read, so that it is whole or not there at all, and on the disk when this returns. */
export const writeOwnersFile = (file: string, text: string): void => {
  const draft = `${file}.${process.pid}`
  const handle = Fs.openSync(draft, "w", 0o600)
  try {
    Fs.fchmodSync(handle, 0o600)
    Fs.writeSync(handle, text)
    Fs.fsyncSync(handle)
  } finally {
    Fs.closeSync(handle)
  }
  Fs.renameSync(draft, file)
}
