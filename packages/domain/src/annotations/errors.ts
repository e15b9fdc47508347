import { Schema } from "effect"
import { AnnotationId, AppId } from "../ids.ts"

export class AppNotFound extends Schema.TaggedError<AppNotFound>()("AppNotFound", { appId: AppId }) {
  override get message() {
    return `There is no app ${this.appId}. List them with \`sheaf apps list\`.`
  }
}

export class AppNameTaken extends Schema.TaggedError<AppNameTaken>()("AppNameTaken", {
  name: Schema.String,
  appId: AppId
}) {
  override get message() {
    return `An app named "${this.name}" exists already (${this.appId}). Use that one, or choose another name.`
  }
}

/** An archived app takes no changes. */
export class AppArchived extends Schema.TaggedError<AppArchived>()("AppArchived", { appId: AppId }) {
  override get message() {
    return `App ${this.appId} is archived: it answers nothing and takes no changes. Take it back with \`sheaf apps unarchive\`.`
  }
}

/** It has no answers to give as it is. */
export class AppNotAnswering extends Schema.TaggedError<AppNotAnswering>()("AppNotAnswering", {
  appId: AppId,
  because: Schema.Literals(["archived", "replyOff"])
}) {
  override get message() {
    return this.because === "archived"
      ? `App ${this.appId} is archived: it answers nothing. Take it back with \`sheaf apps unarchive\`.`
      : `App ${this.appId} answers nothing, because reply is off. Switch it on with \`sheaf apps reply ID --on\`.`
  }
}

export class AnnotationNotFound extends Schema.TaggedError<AnnotationNotFound>()("AnnotationNotFound", {
  annotationId: AnnotationId
}) {
  override get message() {
    return `There is no annotation ${this.annotationId}. List those of an app with \`sheaf annotations list\`.`
  }
}
