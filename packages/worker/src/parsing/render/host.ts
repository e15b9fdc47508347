import { assetsTo } from "../jail/assets.ts"
import { type Send, serve } from "../jail/serve.ts"
import { withLabels } from "../pdf/pageLabels.ts"
import { drawRegion } from "./draw.ts"
import { openPage } from "./openPdf.ts"
import type { RenderReply, RenderRequest } from "./protocol.ts"

// The program that draws pages of PDFs, and reads what is drawn on them.

type Request<Op> = Extract<RenderRequest, { readonly op: Op }>

const draw = async (request: Request<"draw">, send: Send<RenderReply>): Promise<void> => {
  const { page } = await openPage(request, request.box.page)
  const { canvas } = await drawRegion(page, request.box, request)
  const bytes = request.mediaType === "image/png" ? await canvas.encode("png") : await canvas.encode("webp", 80)
  await assetsTo(send)({ bytes, mediaType: request.mediaType })
  await send({ _tag: "Done" })
}

const recognise = async (request: Request<"recognise">, send: Send<RenderReply>): Promise<void> => {
  // Loaded with the first page to be read: who only draws needs none of it.
  const { recognisePage } = await import("./ocr/recognisePage.ts")
  const { labels, page } = await openPage(request, request.page)
  const { elements, ...read } = await recognisePage(page, request)
  const called = await labels()
  await send({ _tag: "Recognised", ...read, elements: elements.map((element) => withLabels(element, called)) })
}

await serve(async (request: RenderRequest, send: Send<RenderReply>) =>
  request.op === "draw" ? draw(request, send) : recognise(request, send)
)
