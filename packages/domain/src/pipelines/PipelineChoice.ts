import { Schema } from "effect"
import { PipelineId } from "../ids.ts"

/** A version of a pipeline, counted from 1. */
export const PipelineVersion = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000_000 }))

/** A pipeline; without a version the newest that there is when a run begins. */
export const PipelineRef = Schema.Struct({ id: PipelineId, version: Schema.optionalKey(PipelineVersion) })
export type PipelineRef = typeof PipelineRef.Type

/** A pipeline, or none where the level below has one. */
export const PipelineChoice = Schema.Union([PipelineRef, Schema.Literal("none")])
export type PipelineChoice = typeof PipelineChoice.Type
