import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { DatasetNotFound } from "../datasets/errors.ts"
import { BadRequest } from "../edge/errors.ts"
import { SearchRequest, SearchResult } from "./Search.ts"

export class SearchRpcs extends RpcGroup.make(
  /** The best segments for a text, with citations and the parts of their scores. */
  Rpc.make("SearchQuery", {
    payload: SearchRequest,
    success: SearchResult,
    error: Schema.Union([DatasetNotFound, BadRequest])
  })
) {}
