import * as Connections from "@sheaf/domain/connections/errors"
import * as Notifications from "@sheaf/domain/notifications/errors"
import * as Syncs from "@sheaf/domain/syncs/errors"
import * as Webhooks from "@sheaf/domain/webhooks/errors"
import { explained } from "./explained.ts"
import { says } from "./says.ts"

// Errors of what lies elsewhere: workspaces that documents come from, and receivers that are told of events.

export class ConnectionExists extends explained(
  Connections.ConnectionExists,
  says("ConnectionExists", "Give the connection that it names the token with `connections.update()`.")
) {}

export class ConnectionMismatch extends explained(
  Connections.ConnectionMismatch,
  says("ConnectionMismatch", "Connect the other workspace with `connections.create()`.")
) {}

export class ConnectionNotFound extends explained(
  Connections.ConnectionNotFound,
  says("ConnectionNotFound", "Take the id from `connections.list()`.")
) {}

export class ConnectionRefused extends explained(
  Connections.ConnectionRefused,
  says("ConnectionRefused", "Copy the token once more; where it was renewed in Notion, the old one is void.")
) {}

export class ConnectionUnusable extends explained(
  Connections.ConnectionUnusable,
  says(
    "ConnectionUnusable",
    "`connections.enable()` for a disabled one, `connections.update()` with a token for others."
  )
) {}

export class DeliveryNotFound extends explained(
  Webhooks.DeliveryNotFound,
  says("DeliveryNotFound", "Take the id from `webhooks.deliveries(id)`.")
) {}

export class NotSynced
  extends explained(Syncs.NotSynced, says("NotSynced", "Import its page with `syncs.import()`."))
{}

export class SyncItemNotFound extends explained(
  Syncs.SyncItemNotFound,
  says("SyncItemNotFound", "Take the id from `syncs.items()`.")
) {}

export class SyncNotFound extends explained(
  Syncs.SyncNotFound,
  says("SyncNotFound", "Take the id from `syncs.list()`: syncs are kept for 30 days.")
) {}

export class SyncOver extends explained(Syncs.SyncOver, says("SyncOver", "There is nothing left to cancel.")) {}

export class SyncSourceNotFound extends explained(
  Syncs.SyncSourceNotFound,
  says("SyncSourceNotFound", "Take the id from `syncs.sources()`.")
) {}

export class SourceRefused extends explained(
  Connections.SourceRefused,
  says("SourceRefused", "Share the page with the integration, or give it the capability, in Notion.")
) {}

export class SourceUnavailable extends explained(
  Connections.SourceUnavailable,
  says("SourceUnavailable", "Try again later; `retryAfterMs` says when, where Notion does.")
) {}

export class SubscriptionNotFound extends explained(
  Notifications.SubscriptionNotFound,
  says("SubscriptionNotFound", "Take the id from `notifications.list()`.")
) {}

export class WebhookDisabled extends explained(
  Webhooks.WebhookDisabled,
  says("WebhookDisabled", "Enable it with `webhooks.enable(id)`; `disabledBecause` says why it is not.")
) {}

export class WebhookNotFound extends explained(
  Webhooks.WebhookNotFound,
  says("WebhookNotFound", "Take the id from `webhooks.list()`.")
) {}

export class WebhookUrlRefused extends explained(
  Webhooks.WebhookUrlRefused,
  says("WebhookUrlRefused", "Give an address that the server may call.")
) {}
