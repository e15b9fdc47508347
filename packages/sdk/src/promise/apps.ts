import type { App } from "@sheaf/domain/annotations/App"
import type { AppsListOptions, NewApp, ReplyChange } from "../areas/Apps.ts"
import type { CallOptions, MutationOptions } from "../options.ts"
import type { PageCall } from "./PageCall.ts"
import { pages } from "./pages.ts"
import { type Abortable, callSite, type Runner } from "./Runner.ts"

type Mutation = MutationOptions & Abortable

/** What has curated answers of its own: a chat, a help page. */
export interface AppsClient {
  /** Reply is off at first. */
  create(app: NewApp & { readonly threshold?: number }, options?: Mutation): Promise<App>
  get(appId: string, options?: CallOptions & Abortable): Promise<App>
  /** By name. */
  list(options?: AppsListOptions & Abortable): PageCall<App>
  update(appId: string, changes: Partial<NewApp>, options?: Mutation): Promise<App>
  /** Whether and how questions are answered; what is left out stays. Annotations are indexed in the background. */
  setReply(appId: string, reply: ReplyChange, options?: Mutation): Promise<App>
  /** It answers nothing and takes no changes until it is taken back. */
  archive(appId: string, options?: Mutation): Promise<App>
  unarchive(appId: string, options?: Mutation): Promise<App>
  /** With all its annotations. */
  delete(appId: string, options?: Mutation): Promise<void>
}

export const appsOf = (runner: Runner): AppsClient => ({
  create(app, options) {
    return runner.run(callSite(), (sheaf) => sheaf.apps.create(app, options), options)
  },
  get(appId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.apps.get(appId, options), options)
  },
  list(options) {
    return pages(runner, (sheaf) => sheaf.apps, options ?? {})
  },
  update(appId, changes, options) {
    return runner.run(callSite(), (sheaf) => sheaf.apps.update(appId, changes, options), options)
  },
  setReply(appId, reply, options) {
    return runner.run(callSite(), (sheaf) => sheaf.apps.setReply(appId, reply, options), options)
  },
  archive(appId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.apps.archive(appId, options), options)
  },
  unarchive(appId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.apps.unarchive(appId, options), options)
  },
  delete(appId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.apps.delete(appId, options), options)
  }
})
