import type { App } from "@sheaf/domain/annotations/App"
import type { AppId, SpaceId } from "@sheaf/domain/ids"
import type { Effect } from "effect"
import type { Calls } from "../connection/Calls.ts"
import type { CallError } from "../connection/rpc.ts"
import type { CallOptions, MutationOptions, Page, PageOptions } from "../options.ts"
import type { Feed } from "../streams/Feed.ts"
import { pageOf } from "./Datasets.ts"
import { everyItem } from "./pages.ts"

export interface NewApp {
  readonly name: string
  readonly description?: string
}

export interface ReplyChange {
  readonly enabled?: boolean
  /** The least score of an answer, from 0 to 1. */
  readonly threshold?: number
  /** An embedding space of the server; default that of its embedder. */
  readonly spaceId?: string
}

export interface AppsListOptions extends PageOptions, CallOptions {
  readonly name?: string
  readonly archived?: boolean
}

/** What has curated answers of its own: a chat, a help page. */
export interface Apps {
  /** Reply is off at first. */
  readonly create: (
    app: NewApp & { readonly threshold?: number },
    options?: MutationOptions
  ) => Effect.Effect<App, CallError<"AppsCreate">>
  readonly get: (appId: string, options?: CallOptions) => Effect.Effect<App, CallError<"AppsGet">>
  /** One page, by name. */
  readonly list: (options?: AppsListOptions) => Effect.Effect<Page<App>, CallError<"AppsList">>
  readonly all: (options?: AppsListOptions) => Feed<App, CallError<"AppsList">>
  readonly update: (
    appId: string,
    changes: Partial<NewApp>,
    options?: MutationOptions
  ) => Effect.Effect<App, CallError<"AppsUpdate">>
  /** Whether and how questions are answered; what is left out stays. Annotations are indexed in the background. */
  readonly setReply: (
    appId: string,
    reply: ReplyChange,
    options?: MutationOptions
  ) => Effect.Effect<App, CallError<"AppsSetReply">>
  /** It answers nothing and takes no changes until it is taken back. */
  readonly archive: (appId: string, options?: MutationOptions) => Effect.Effect<App, CallError<"AppsArchive">>
  readonly unarchive: (appId: string, options?: MutationOptions) => Effect.Effect<App, CallError<"AppsUnarchive">>
  /** With all its annotations. */
  readonly delete: (appId: string, options?: MutationOptions) => Effect.Effect<void, CallError<"AppsDelete">>
}

export const makeApps = (calls: Calls): Apps => {
  const of = (appId: string) => ({ appId: appId as AppId })
  const list: Apps["list"] = ({ archived, cursor, limit, name, ...options } = {}) =>
    calls.query("AppsList", {
      ...(archived !== undefined && { archived }),
      ...(name !== undefined && { name }),
      ...pageOf({ cursor, limit })
    }, options)
  return {
    create: (app, options) => calls.mutate("AppsCreate", app, options),
    get: (appId, options) => calls.query("AppsGet", of(appId), options),
    list,
    all: (options = {}) => everyItem(list, options),
    update: (appId, changes, options) => calls.mutate("AppsUpdate", { ...of(appId), ...changes }, options),
    setReply: (appId, { spaceId, ...reply }, options) =>
      calls.mutate("AppsSetReply", {
        ...of(appId),
        ...reply,
        ...(spaceId !== undefined && { spaceId: spaceId as SpaceId })
      }, options),
    archive: (appId, options) => calls.mutate("AppsArchive", of(appId), options),
    unarchive: (appId, options) => calls.mutate("AppsUnarchive", of(appId), options),
    delete: (appId, options) => calls.mutate("AppsDelete", of(appId), options)
  }
}
