import { createWriteStream } from "node:fs"
import { once } from "node:events"

// Texts, pages and mails that are too deep, too wide or too long.

export const deepHtml = (depth: number): string =>
  `<!doctype html><html><body>${"<div>".repeat(depth)}At the bottom.${"</div>".repeat(depth)}</body></html>`

export const deepLists = (depth: number): string =>
  `<!doctype html><html><body>${"<ul><li>".repeat(depth)}At the bottom.</body></html>`

export const wideTable = (columns: number): string => `${"a,".repeat(columns)}a\n${"1,".repeat(columns)}1\n`

export const deepJson = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`

/** A mail in a mail, and so on. */
export const deepMail = (depth: number): string =>
  "From: a@example.com\r\nSubject: in\r\nMIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n".repeat(depth) +
  "From: a@example.com\r\nSubject: last\r\nContent-Type: text/plain\r\n\r\nAt the bottom.\r\n"

/** Parts that each begin another, none of which ends. */
export const deepParts = (depth: number): string =>
  "From: a@example.com\r\nSubject: parts\r\nMIME-Version: 1.0\r\n" +
  Array.from(
    { length: depth },
    (_, at) => `Content-Type: multipart/mixed; boundary="b${at}"\r\n\r\n--b${at}\r\n`
  ).join("") + "\r\nAt the bottom."

/** Everything by which a page can ask for more. */
export const remotePage = (url: string): string =>
  `<!doctype html><html><head><link rel="stylesheet" href="${url}/style"><script src="${url}/script"></script>
  <meta http-equiv="refresh" content="0;url=${url}/refresh"><base href="${url}/"></head><body>
  <h1>What is outside stays outside.</h1><img src="${url}/picture" srcset="${url}/set 2x"><iframe src="${url}/frame"></iframe>
  <object data="${url}/object"></object><video poster="${url}/poster" src="${url}/video"></video>
  <svg><image href="${url}/svg"/><use href="${url}/use#a"/></svg><p style="background:url(${url}/background)">Words.</p>
  </body></html>`

export const remoteDrawing = (url: string): string =>
  `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "${url}/entity">]><?xml-stylesheet href="${url}/style"?>
  <svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="${url}/image"/>
  <text>&x; Words in a drawing.</text><script xlink:href="${url}/script"/></svg>`

export const remoteMail = (url: string): string =>
  "From: a@example.com\r\nSubject: outside\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" +
  `Content-Type: message/external-body; access-type=URL; URL="${url}/body"\r\n\r\nContent-Type: text/plain\r\n\r\n--b\r\n` +
  `Content-Type: text/html\r\n\r\n${remotePage(url)}\r\n--b--\r\n`

/** Writes one line of so many megabytes, a megabyte at a time. */
export const writeLine = async (path: string, megabytes: number): Promise<void> => {
  const file = createWriteStream(path)
  const piece = Buffer.alloc(1 << 20, "word ")
  for (let at = 0; at < megabytes; at++) {
    if (!file.write(piece)) await once(file, "drain")
  }
  file.end()
  await once(file, "finish")
}
