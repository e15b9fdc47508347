import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { BadRequest } from "../edge/errors.ts"
import { mutation } from "../edge/mutation.ts"
import { Page, PageFields } from "../edge/page.ts"
import { AppId, SpaceId } from "../ids.ts"
import { SpaceNotServed } from "../spaces/errors.ts"
import { App, AppDescription, AppName, Threshold } from "./App.ts"
import { AppArchived, AppNameTaken, AppNotFound } from "./errors.ts"

const ofApp = { payload: { appId: AppId }, success: App, error: AppNotFound } as const

/** What has curated answers of its own. */
export class AppsRpcs extends RpcGroup.make(
  /** Reply is off at first. */
  mutation("AppsCreate", {
    payload: {
      name: AppName,
      description: Schema.optionalKey(AppDescription),
      threshold: Schema.optionalKey(Threshold)
    },
    success: App,
    error: AppNameTaken
  }),
  Rpc.make("AppsGet", ofApp),
  /** By name. */
  Rpc.make("AppsList", {
    payload: { name: Schema.optionalKey(AppName), archived: Schema.optionalKey(Schema.Boolean), ...PageFields },
    success: Page(App),
    error: BadRequest
  }),
  mutation("AppsUpdate", {
    payload: { appId: AppId, name: Schema.optionalKey(AppName), description: Schema.optionalKey(AppDescription) },
    success: App,
    error: Schema.Union([AppNotFound, AppNameTaken])
  }),
  /**
   * Whether and how questions are answered. What is left out stays. Switched on, annotations are indexed in the background, in the space of the
   * server's embedder unless another is named. Another space is built beside the one that answers, and takes over when it is complete.
   */
  mutation("AppsSetReply", {
    payload: {
      appId: AppId,
      enabled: Schema.optionalKey(Schema.Boolean),
      threshold: Schema.optionalKey(Threshold),
      spaceId: Schema.optionalKey(SpaceId)
    },
    success: App,
    error: Schema.Union([AppNotFound, AppArchived, SpaceNotServed])
  }),
  /** It answers nothing and takes no changes until it is taken back. */
  mutation("AppsArchive", ofApp),
  mutation("AppsUnarchive", ofApp),
  /** Gone from the commit on, with all its annotations; what is stored is removed in the background. */
  mutation("AppsDelete", { payload: { appId: AppId }, error: AppNotFound })
) {}
