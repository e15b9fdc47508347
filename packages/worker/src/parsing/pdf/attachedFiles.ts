import type { Box } from "@sheaf/domain/documents/Element"
import type { PDFDocumentProxy } from "pdfjs-dist/legacy/build/pdf.mjs"
import type { Attached } from "../attachedList.ts"
import { pictureType } from "../opc/Pictures.ts"

/** A file that is pinned to a page. */
export interface PinnedFile {
  readonly id: string
  readonly name: string
  readonly box: Box
}

/** The files that a PDF as a whole has, in the order in which it names them; none where their list is damaged. */
export const attachedFiles = async (pdf: PDFDocumentProxy): Promise<ReadonlyArray<Attached>> => {
  const found = await pdf.getAttachments().catch(() => null)
  return [...found ?? []].map(([id, { filename }]) => attachedFile(pdf, { id, name: filename }))
}

export const attachedFile = (pdf: PDFDocumentProxy, { id, name }: Omit<PinnedFile, "box">): Attached => ({
  name,
  mediaType: pictureType(name) ?? "application/octet-stream",
  read: () => pdf.getAttachmentContent(id).catch(() => null)
})
