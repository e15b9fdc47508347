import { DocumentNotFound, StateConflict } from "@sheaf/domain/documents/errors"
import { BadRequest, Conflict, QuotaExceeded } from "@sheaf/domain/edge/errors"
import type { SegmentsChange } from "@sheaf/domain/events/changes"
import type { DatasetId, DocumentId, RunId, SegmentId } from "@sheaf/domain/ids"
import { limits } from "@sheaf/domain/limits"
import { SegmentNotFound } from "@sheaf/domain/segments/errors"
import { Context, Effect, Layer, Option } from "effect"
import { QuotasRepo } from "../repos/access/QuotasRepo.ts"
import { DatasetsRepo } from "../repos/datasets/DatasetsRepo.ts"
import { DocumentsRepo } from "../repos/documents/DocumentsRepo.ts"
import { StandingRepo } from "../repos/documents/StandingRepo.ts"
import { EventsRepo } from "../repos/events/EventsRepo.ts"
import { type Member, MembershipRepo } from "../repos/segments/MembershipRepo.ts"
import { SegmentChangesRepo } from "../repos/segments/SegmentChangesRepo.ts"
import { SpacesRepo } from "../repos/spaces/SpacesRepo.ts"
import type { Passage } from "../text/embeddedText.ts"
import { guessLanguage } from "../text/language.ts"
import { segmentIdsOf, type SegmentKind, textHashOf } from "../text/segmentIdentity.ts"
import type { By } from "./By.ts"
import { IndexSync } from "./IndexSync.ts"

/** A text that is clean and within the limit, with its tokens as the embedder counts them. */
export interface Prepared extends Passage {
  readonly tokens: number
}

interface Named {
  readonly documentId: DocumentId
}

export interface SegmentToAdd extends Named, Prepared {
  /** What it follows; `null`: it is the first; `undefined`: the last, or the last of its parent. */
  readonly after: SegmentId | null | undefined
  readonly parentId: SegmentId | undefined
  readonly keywords: ReadonlyArray<string>
}

export interface SegmentToEdit extends Named {
  readonly segmentId: SegmentId
  /** Set where its text or its heading path is another one. */
  readonly passage: Prepared | undefined
  readonly keywords: ReadonlyArray<string> | undefined
  readonly ifVersion: number | undefined
}

/** The segment that is there now. The index agrees once the document is synced up to `generation`. */
export interface Edited {
  readonly segmentId: SegmentId
  readonly generation: number
}

type Refused = DocumentNotFound | StateConflict | SegmentNotFound

/**
 * Changes of a published version by hand. Segments are immutable: an edit puts another one in the place of one, in the same
 * transaction, so that nobody finds the old text any more; vectors and index entries follow (`IndexSync`). Every change is remembered,
 * so that later runs do it again. Every method is part of the caller's transaction.
 */
export class SegmentEdits extends Context.Service<SegmentEdits, {
  readonly add: (by: By, segment: SegmentToAdd) => Effect.Effect<Edited, Refused | BadRequest | QuotaExceeded>
  readonly edit: (by: By, edit: SegmentToEdit) => Effect.Effect<Edited, Refused | Conflict | QuotaExceeded>
  /** What the version does not have is answered as missing. Children go with their parents. */
  readonly remove: (by: By, document: Named & { readonly segmentIds: ReadonlyArray<SegmentId> }) => Effect.Effect<
    {
      readonly deleted: ReadonlyArray<SegmentId>
      readonly missing: ReadonlyArray<SegmentId>
      readonly generation: number
    },
    DocumentNotFound | StateConflict | QuotaExceeded
  >
}>()("@sheaf/adapters/lifecycle/SegmentEdits") {
  static readonly layer = Layer.effect(
    SegmentEdits,
    Effect.gen(function*() {
      const changes = yield* SegmentChangesRepo
      const counters = yield* DatasetsRepo
      const documents = yield* DocumentsRepo
      const events = yield* EventsRepo
      const index = yield* IndexSync
      const membership = yield* MembershipRepo
      const quotas = yield* QuotasRepo
      const spaces = yield* SpacesRepo
      const standings = yield* StandingRepo

      /** The published version, which nobody else changes until the end of the transaction. */
      const hold = Effect.fnUntraced(function*({ tenantId }: By, { documentId }: Named, action: string) {
        const locked = yield* documents.lock(tenantId, documentId)
        const standing = yield* standings.find(tenantId, documentId)
        if (Option.isNone(locked) || Option.isNone(standing)) return yield* new DocumentNotFound({ documentId })
        const { publishedRunId: runId, segments } = locked.value
        if (runId === null) {
          return yield* new StateConflict({
            documentId,
            status: standing.value.status,
            action,
            allowed: ["wait until a version is published"]
          })
        }
        return { documentId, datasetId: locked.value.datasetId, runId, segments }
      })
      type Held = { readonly documentId: DocumentId; readonly datasetId: DatasetId; readonly runId: RunId }

      const member = Effect.fnUntraced(function*({ tenantId }: By, { runId }: Held, segmentId: SegmentId) {
        const [found] = yield* membership.members(tenantId, runId, [segmentId])
        if (found === undefined) return yield* new SegmentNotFound({ segmentId })
        return found
      })

      const roomForChanges = Effect.fnUntraced(function*({ tenantId }: By, { documentId }: Named, more: number) {
        const limit = limits.maxSegmentChanges
        if ((yield* changes.countOf(tenantId, documentId)) + more <= limit) return
        return yield* new QuotaExceeded({ quota: "segments of a document that are changed by hand", limit })
      })

      /** The first id of this text that nothing else has; or that of the segment which was edited, if this is its text. */
      const identify = Effect.fnUntraced(
        function*(
          { tenantId }: By,
          { datasetId, documentId }: Held,
          passage: Passage & SegmentKind,
          originalId: SegmentId | null
        ) {
          const space = yield* Effect.flatMap(spaces.ofDataset(tenantId, datasetId), Effect.fromOption).pipe(
            Effect.orDie
          )
          const idAt = segmentIdsOf({ documentId, spaceId: space.identity }, passage)
          for (let from = 0, size = 4;; from += size, size *= 4) {
            const ids = Array.from({ length: size }, (_, at) => idAt(from + at))
            const taken = yield* changes.taken(tenantId, documentId, ids)
            const id = ids.find((candidate) => candidate === originalId || !taken.has(candidate))
            if (id !== undefined) return { id, spaceId: space.identity }
          }
        }
      )

      const made = (passage: Prepared) => ({
        text: passage.text,
        headingPath: passage.headingPath,
        textHash: textHashOf(passage),
        tokens: passage.tokens,
        language: guessLanguage(passage.text)
      })

      /** Counts, tells and sees to the index; the last thing of every change. */
      const settle = Effect.fnUntraced(function*(
        { tenantId }: By,
        { datasetId, documentId }: Held,
        { change, count, ...delta }: {
          readonly change: SegmentsChange
          readonly count: number
          readonly segments: number
          readonly tokens: number
        }
      ) {
        yield* membership.count(tenantId, documentId, delta)
        yield* counters.count(tenantId, datasetId, delta)
        yield* events.append(tenantId, { _tag: "SegmentsChanged", datasetId, documentId, change, count })
        return yield* index.touch(tenantId, documentId, { all: false })
      })

      /** Where a new segment stands: what it follows, which never parts a parent from its children. */
      const placeOf = Effect.fnUntraced(function*(by: By, held: Held, { after, parentId }: SegmentToAdd) {
        const { tenantId } = by
        const { runId } = held
        const parent = parentId === undefined ? null : yield* member(by, held, parentId)
        if (parent !== null && parent.parentId !== null) {
          return yield* new BadRequest({ reason: `segment ${parent.id} is a child itself: children have none` })
        }
        if (after === undefined) return { parent, previous: yield* membership.last(tenantId, runId, parent?.id) }
        if (after === null) return { parent, previous: parent === null ? Option.none() : Option.some(parent.id) }
        const neighbour = yield* member(by, held, after)
        if (parent === null) {
          return { parent, previous: yield* membership.last(tenantId, runId, neighbour.parentId ?? neighbour.id) }
        }
        if (neighbour.id !== parent.id && neighbour.parentId !== parent.id) {
          return yield* new BadRequest({ reason: `segment ${after} is no child of ${parent.id}` })
        }
        return { parent, previous: Option.some(neighbour.id) }
      })

      /** The segment that was cut from the document, behind which a member stands. */
      const anchorOf = ({ change, id }: Member): SegmentId | null =>
        change === null ? id : change.kind === "edited" ? change.originalId : change.afterId

      const add: SegmentEdits["Service"]["add"] = Effect.fn("SegmentEdits.add")(function*(by, segment) {
        const { actor, tenantId } = by
        const held = yield* hold(by, segment, "be given segments")
        if (held.segments >= limits.maxSegments) {
          return yield* new QuotaExceeded({ quota: "segments of a document", limit: limits.maxSegments })
        }
        yield* roomForChanges(by, held, 1)
        const { parent, previous } = yield* placeOf(by, held, segment)
        yield* quotas.claim(tenantId, { segments: 1 })
        const { id, spaceId } = yield* identify(by, held, segment, null)
        const before = Option.isNone(previous) ? null : yield* Effect.orDie(member(by, held, previous.value))
        const ordinal = yield* membership.roomAfter(tenantId, held.runId, before?.id ?? null)
        yield* membership.make(tenantId, held, {
          ...made(segment),
          id,
          spaceId,
          actor,
          origin: "added",
          parentId: parent?.id ?? null,
          keywords: segment.keywords,
          enabled: true,
          version: 0,
          kind: {}
        })
        yield* membership.place(tenantId, held, { segmentId: id, ordinal, boxes: parent?.boxes ?? [] })
        const afterId = before === null ? null : anchorOf(before)
        yield* changes.added(by, held.documentId, { segmentId: id, afterId, place: ordinal })
        return {
          segmentId: id,
          generation: yield* settle(by, held, { change: "added", count: 1, segments: 1, tokens: segment.tokens })
        }
      })

      /** Somebody was quicker, or there is no such segment. */
      const gone = Effect.fnUntraced(
        function*({ tenantId }: By, { documentId }: Held, { ifVersion, segmentId }: SegmentToEdit) {
          const successor = ifVersion === undefined
            ? Option.none()
            : yield* changes.successor(tenantId, documentId, segmentId)
          if (Option.isSome(successor)) return yield* new Conflict({ currentVersion: successor.value.version })
          return yield* new SegmentNotFound({ segmentId })
        }
      )

      const replace = Effect.fnUntraced(function*(
        by: By,
        held: Held,
        old: Member,
        { keywords = old.keywords, passage }: {
          readonly keywords: ReadonlyArray<string> | undefined
          readonly passage: Prepared
        }
      ) {
        const { actor, tenantId } = by
        const originalId = old.change?.originalId ?? null
        if (old.change === null) yield* roomForChanges(by, held, 1)
        const { cutParentId, fields, key, searched } = old
        const kind = { cutParentId, fields, key, searched }
        const { id, spaceId } = yield* identify(by, held, { ...passage, ...kind }, originalId)
        yield* membership.make(tenantId, held, {
          ...made(passage),
          id,
          spaceId,
          actor,
          origin: id === originalId ? "parsed" : old.change?.kind === "added" ? "added" : "edited",
          parentId: old.parentId,
          keywords,
          enabled: old.enabled,
          version: old.version + 1,
          kind
        })
        yield* membership.swap(tenantId, held.runId, old.id, id)
        if (id === originalId) yield* changes.undone(tenantId, held.documentId, originalId)
        else if (old.change === null) yield* changes.edited(by, held.documentId, { originalId: old.id, segmentId: id })
        else yield* changes.moved(by, held.documentId, { from: old.id, to: id })
        yield* membership.owe(tenantId, [old.id])
        return {
          segmentId: id,
          generation: yield* settle(by, held, {
            change: "edited",
            count: 1,
            segments: 0,
            tokens: passage.tokens - old.tokens
          })
        }
      })

      const edit: SegmentEdits["Service"]["edit"] = Effect.fn("SegmentEdits.edit")(function*(by, wanted) {
        const { ifVersion, keywords, passage, segmentId } = wanted
        const held = yield* hold(by, wanted, "have segments edited")
        const [old] = yield* membership.members(by.tenantId, held.runId, [segmentId])
        if (old === undefined) return yield* gone(by, held, wanted)
        if (ifVersion !== undefined && ifVersion !== old.version) {
          return yield* new Conflict({ currentVersion: old.version })
        }
        if (passage !== undefined) return yield* replace(by, held, old, { keywords, passage })
        if (keywords === undefined || isSame(keywords, old.keywords)) {
          return { segmentId: old.id, generation: yield* membership.generation(by.tenantId, held.documentId) }
        }
        yield* membership.setKeywords(by.tenantId, old.id, keywords, by.actor)
        const delta = { change: "edited", count: 1, segments: 0, tokens: 0 } as const
        return { segmentId: old.id, generation: yield* settle(by, held, delta) }
      })

      const remove: SegmentEdits["Service"]["remove"] = Effect.fn("SegmentEdits.remove")(
        function*(by, { documentId, segmentIds }) {
          const { tenantId } = by
          const held = yield* hold(by, { documentId }, "have segments deleted")
          const asked = yield* membership.members(tenantId, held.runId, segmentIds)
          const children = yield* membership.children(tenantId, held.runId, asked.map(({ id }) => id))
          const going = yield* membership.members(tenantId, held.runId, [...asked.map(({ id }) => id), ...children])
          const ids = going.map(({ id }) => id)
          const there = new Set<string>(ids)
          const missing = [...new Set(segmentIds)].filter((id) => !there.has(id.toLowerCase()))
          if (ids.length === 0) {
            return { deleted: ids, missing, generation: yield* membership.generation(tenantId, documentId) }
          }
          yield* roomForChanges(by, held, going.filter(({ change }) => change === null).length)
          yield* changes.deleted(by, documentId, going)
          yield* membership.take(tenantId, held.runId, ids)
          yield* membership.owe(tenantId, ids)
          const count = ids.length
          const tokens = going.reduce((sum, member) => sum + member.tokens, 0)
          const delta = { change: "deleted", count, segments: -count, tokens: -tokens } as const
          return { deleted: ids, missing, generation: yield* settle(by, held, delta) }
        }
      )

      return SegmentEdits.of({ add, edit, remove })
    })
  )
}

const isSame = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): boolean =>
  a.length === b.length && a.every((word, at) => word === b[at])
