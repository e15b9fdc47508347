import type { ClientOptions } from "./options.ts"
import { annotationsOf } from "./promise/annotations.ts"
import { appsOf } from "./promise/apps.ts"
import { bulkCall, operationsOf } from "./promise/bulk.ts"
import { documentDetailsOf } from "./promise/documentDetails.ts"
import { handleOf, ingestCall } from "./promise/DocumentHandle.ts"
import { ingestAll } from "./promise/ingestAll.ts"
import { pages } from "./promise/pages.ts"
import { connectionsOf } from "./promise/connections.ts"
import { importsOf } from "./promise/imports.ts"
import { pipelinesOf } from "./promise/pipelines.ts"
import { type Abortable, callSite, makeRunner, type Runner } from "./promise/Runner.ts"
import type { SheafClient } from "./promise/SheafClient.ts"
import { driftOf } from "./promise/drift.ts"
import { segmentEditsOf } from "./promise/segmentEdits.ts"
import { spaceChangesOf } from "./promise/spaceChanges.ts"
import { syncsOf } from "./promise/syncs.ts"
import { documentSwitchesOf, segmentSwitchesOf } from "./promise/visibility.ts"
import { notificationsOf } from "./promise/notifications.ts"
import { webhooksOf } from "./promise/webhooks.ts"
import type { EventsOptions } from "./streams/events.ts"

/** How a client reaches its server. */
export type ConnectOptions = Omit<ClientOptions, "timeout" | "connectTimeout" | "key"> & {
  /** An API key, `shf_...`. Default: `SHEAF_KEY`. */
  readonly key?: string | undefined
  /** The longest that a call may take, its retries included, in milliseconds. Default 30,000. */
  readonly timeout?: number | undefined
  /** The longest that making a connection may take, in milliseconds. Default 10,000. */
  readonly connectTimeout?: number | undefined
}

/**
 * A client of a Sheaf server. Connects when it is first used, so this never fails; where `url` or `key` is left out, `SHEAF_URL`
 * and `SHEAF_KEY` are read then.
 *
 * ```ts
 * await using sheaf = connect()
 * ```
 */
export const connect = (options: ConnectOptions = {}): SheafClient => {
  const runner = makeRunner(options)
  return {
    datasets: datasetsOf(runner),
    documents: documentsOf(runner),
    operations: operationsOf(runner),
    connections: connectionsOf(runner),
    imports: importsOf(runner),
    pipelines: pipelinesOf(runner),
    apps: appsOf(runner),
    annotations: annotationsOf(runner),
    segments: segmentsOf(runner),
    drift: driftOf(runner),
    spaceChanges: spaceChangesOf(runner),
    syncs: syncsOf(runner),
    webhooks: webhooksOf(runner),
    notifications: notificationsOf(runner),
    keys: keysOf(runner),
    tenants: tenantsOf(runner),
    deadLetters: {
      list(options) {
        return pages(runner, (sheaf) => sheaf.deadLetters, options ?? {})
      },
      requeue(which, options) {
        return runner.run(callSite(), (sheaf) => sheaf.deadLetters.requeue(which, options), options)
      }
    },
    ingestEvents: {
      list(options) {
        return pages(runner, (sheaf) => sheaf.ingestEvents, options ?? {})
      }
    },
    events: {
      since:
        ((cursor?: string, { signal, ...options }: EventsOptions & Abortable = {}) =>
          runner.iterate(callSite(), (sheaf) => sheaf.events.since(cursor, options), { signal })) as Since
    },
    search(query, options) {
      return runner.run(callSite(), (sheaf) => sheaf.search(query, options), options)
    },
    usage(options) {
      return runner.run(callSite(), (sheaf) => sheaf.usage(options), options)
    },
    info(options) {
      return runner.run(callSite(), (sheaf) => sheaf.info(options), options)
    },
    close: runner.close,
    [Symbol.asyncDispose]: runner.close
  }
}

type Since = SheafClient["events"]["since"]

const datasetsOf = (runner: Runner): SheafClient["datasets"] => ({
  create(dataset, options) {
    return runner.run(callSite(), (sheaf) => sheaf.datasets.create(dataset, options), options)
  },
  ensure(name, settings, options) {
    return runner.run(callSite(), (sheaf) => sheaf.datasets.ensure(name, settings, options), options)
  },
  get(dataset, options) {
    return runner.run(callSite(), (sheaf) => sheaf.datasets.get(dataset, options), options)
  },
  list(options) {
    return pages(runner, (sheaf) => sheaf.datasets, options ?? {})
  },
  statistics(dataset, options) {
    return runner.run(callSite(), (sheaf) => sheaf.datasets.statistics(dataset, options), options)
  },
  fields(dataset, options) {
    return runner.run(callSite(), (sheaf) => sheaf.datasets.fields(dataset, options), options)
  },
  update(dataset, changes, options) {
    return runner.run(callSite(), (sheaf) => sheaf.datasets.update(dataset, changes, options), options)
  },
  delete(dataset, options) {
    return runner.run(callSite(), (sheaf) => sheaf.datasets.delete(dataset, options), options)
  }
})

const documentsOf = (runner: Runner): SheafClient["documents"] => ({
  ...documentDetailsOf(runner),
  ...documentSwitchesOf(runner),
  ingest(source, options) {
    return ingestCall(runner, source, options, callSite())
  },
  ingestAll(items, options) {
    return ingestAll(runner, items, options, callSite())
  },
  done(documentId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.documents.done(documentId, options), options)
  },
  progress(documentId, { signal, ...options } = {}) {
    return runner.iterate(callSite(), (sheaf) => sheaf.documents.progress(documentId, options), { signal })
  },
  handle(documentId) {
    return handleOf(runner, documentId)
  },
  get(documentId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.documents.get(documentId, options), options)
  },
  list(options) {
    return pages(runner, (sheaf) => sheaf.documents, options)
  },
  queue(documentId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.documents.queue(documentId, options), options)
  },
  runs(documentId, options) {
    return pages(runner, ({ documents }) => ({
      list: (page) => documents.runs(documentId, page),
      all: (page) => documents.everyRun(documentId, page)
    }), options ?? {})
  },
  run(documentId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.documents.run(documentId, options), options)
  },
  settings(documentId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.documents.settings(documentId, options), options)
  },
  preview(documentId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.documents.preview(documentId, options), options)
  },
  previewText(datasetId, text, options) {
    return runner.run(callSite(), (sheaf) => sheaf.documents.previewText(datasetId, text, options), options)
  },
  pause(documentId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.documents.pause(documentId, options), options)
  },
  resume(documentId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.documents.resume(documentId, options), options)
  },
  prioritise(documentId, lane, options) {
    return runner.run(callSite(), (sheaf) => sheaf.documents.prioritise(documentId, lane, options), options)
  },
  bulk(action, documents, options) {
    return bulkCall(runner, { action, documents, options }, callSite())
  },
  retry(documentId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.documents.retry(documentId, options), options)
  },
  cancel(documentId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.documents.cancel(documentId, options), options)
  },
  delete(documentId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.documents.delete(documentId, options), options)
  },
  download(documentId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.documents.download(documentId, options), options)
  }
})

const segmentsOf = (runner: Runner): SheafClient["segments"] => ({
  ...segmentSwitchesOf(runner),
  ...segmentEditsOf(runner),
  list(options) {
    return pages(runner, (sheaf) => sheaf.segments, options)
  },
  get(segment, options) {
    return runner.run(callSite(), (sheaf) => sheaf.segments.get(segment, options), options)
  }
})

const keysOf = (runner: Runner): SheafClient["keys"] => ({
  create(key, options) {
    return runner.run(callSite(), (sheaf) => sheaf.keys.create(key, options), options)
  },
  list(options) {
    return pages(runner, (sheaf) => sheaf.keys, options ?? {})
  },
  own(options) {
    return runner.run(callSite(), (sheaf) => sheaf.keys.own(options), options)
  },
  revoke(keyId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.keys.revoke(keyId, options), options)
  }
})

const tenantsOf = (runner: Runner): SheafClient["tenants"] => ({
  create(name, options) {
    return runner.run(callSite(), (sheaf) => sheaf.tenants.create(name, options), options)
  },
  list(options) {
    return pages(runner, (sheaf) => sheaf.tenants, options ?? {})
  },
  suspend(tenantId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.tenants.suspend(tenantId, options), options)
  },
  resume(tenantId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.tenants.resume(tenantId, options), options)
  },
  usage(tenantId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.tenants.usage(tenantId, options), options)
  },
  setLimits(tenantId, limits, options) {
    return runner.run(callSite(), (sheaf) => sheaf.tenants.setLimits(tenantId, limits, options), options)
  },
  delete(tenantId, options) {
    return runner.run(callSite(), (sheaf) => sheaf.tenants.delete(tenantId, options), options)
  },
  removals(options) {
    return pages(
      runner,
      ({ tenants }) => ({ list: tenants.removals, all: tenants.allRemovals }),
      options ?? {}
    )
  }
})
