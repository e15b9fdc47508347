/** Every way to cut a document (see `ChunkingSettings`). */
export const chunkingMethods = ["general", "parent-child", "qa", "table", "page", "whole"] as const
