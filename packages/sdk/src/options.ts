import type { Duration, Redacted } from "effect"

/** What the client tells about its own doings: for logs and connection indicators. */
export type ClientEvent =
  | { readonly type: "connected"; readonly url: string }
  | { readonly type: "disconnected"; readonly url: string; readonly reason: string }
  | {
    readonly type: "retry"
    readonly operation: string
    /** Counts the retries of this call, from 1. */
    readonly attempt: number
    readonly delayMs: number
    readonly error: Error
  }

/** For whom a caller acts: recorded with every change that it makes. */
export interface OnBehalfOf {
  readonly id: string
  readonly name?: string
  readonly email?: string
}

/** How a client reaches its server. */
export interface ClientOptions {
  /** Of the server, like `https://sheaf.example.com`. Default: `SHEAF_URL`, else `http://127.0.0.1:7420`. */
  readonly url?: string | URL | undefined
  /** An API key, `shf_...`. Default: `SHEAF_KEY`. */
  readonly key?: string | Redacted.Redacted | undefined
  /** The longest that a call may take, its retries included. Default 30 seconds; a number is in milliseconds. */
  readonly timeout?: Duration.Input | undefined
  /** The longest that making a connection may take. Default 10 seconds. */
  readonly connectTimeout?: Duration.Input | undefined
  /** How often a call that failed for a passing reason is sent again. Default 2. */
  readonly retries?: number | undefined
  /** Sends uploads and downloads in place of the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined
  readonly onEvent?: ((event: ClientEvent) => void) | undefined
  /** Allows a key with the scope `admin` or `operator` in a browser. Default false. */
  readonly allowBrowser?: boolean | undefined
  readonly onBehalfOf?: OnBehalfOf | undefined
}

/** What any single call takes. */
export interface CallOptions {
  /** The longest that this call may take, its retries included. */
  readonly timeout?: Duration.Input | undefined
}

/** What a call that changes something takes. */
export interface MutationOptions extends CallOptions {
  /** Names the change: sent again with the same key within 24 hours it has no second effect. Made for you when left out. */
  readonly idempotencyKey?: string | undefined
  readonly onBehalfOf?: OnBehalfOf | undefined
}

/** Where a list begins and how long its pages are. */
export interface PageOptions {
  /** Items a page, up to 200. */
  readonly limit?: number | undefined
  /** `next` of an earlier page of the same list. */
  readonly cursor?: string | undefined
}

/** A part of a list. `next` is absent on the last one; `total` is there when it was asked for. */
export interface Page<Item> {
  readonly items: ReadonlyArray<Item>
  readonly next?: string
  readonly total?: number
}

/** A dataset by its id, by its name, or itself. A string that is a UUID is an id; naming by id saves a look-up. */
export type DatasetRef = string | { readonly id: string } | { readonly name: string }
