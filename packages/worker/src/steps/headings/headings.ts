import { Stream } from "effect"
import type { Enriched, MakeStep } from "../Step.ts"

export const headings: MakeStep<"headings", Enriched> = ({ most }) => (drafts) =>
  Stream.map(drafts, (draft) => ({ ...draft, headingPath: most === 0 ? [] : draft.headingPath.slice(-most) }))
