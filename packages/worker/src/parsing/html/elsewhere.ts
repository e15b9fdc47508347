import type { Block } from "./blocks.ts"

/** Headings of what leads elsewhere, in English: what is around a text has few words in all languages, and mostly no name to know it by. */
const heading =
  /^(?:related(?: (?:posts?|articles?|stories|content|news|topics?|links))?|recommended(?: for you)?|more (?:stories|articles|posts|news)\b.{0,40}|more (?:from|in|on) .{1,40}|you (?:may|might) (?:also )?(?:like|enjoy).{0,40}|(?:\d+ )?comments?(?: \(\d+\))?|leave a (?:reply|comment).{0,20}|like (?:this|us on \w+)|share(?: this.{0,30}| on \w+)?|follow us.{0,30}|read next|(?:click here to )?(?:sign up|subscribe)\b.{0,60}|newsletter|trending(?: now)?|most (?:read|popular|viewed|commented)|(?:latest|top|other|popular|recent) (?:news|stories|posts|articles)|find your next .{1,30})\s*:?$/i

/** What stands alone in the middle of texts and says nothing of them. */
const filler =
  /^(?:advertisement|story continues below.{0,40}|loading\.{0,3}|read more|back to (?:top|gallery)|share)$/i

const isText = ({ kind, text }: Block): boolean =>
  kind === "code" || kind === "table" || text.length >= (kind === "list" ? 200 : 120) && kind !== "title"

/** Leaves out headings of what leads elsewhere, with the short pieces below them, up to where text goes on. */
export const withoutElsewhere = (blocks: ReadonlyArray<Block>): ReadonlyArray<Block> => {
  const kept: Array<Block> = []
  let left: Array<Block> | null = null
  for (const block of blocks) {
    if (filler.test(block.text)) continue
    if (block.text.length < 100 && heading.test(block.text)) left ??= []
    else if (left === null) kept.push(block)
    else if (!isText(block)) left.push(block)
    else {
      // The headings right above belong to the text.
      kept.push(...left.slice(left.findLastIndex(({ kind }) => kind !== "title") + 1), block)
      left = null
    }
  }
  return kept
}
