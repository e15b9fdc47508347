import { Context, Effect, type Redacted, Schema } from "effect"

/** This process has no key to seal secrets with. */
export class NoSecretKey extends Schema.TaggedError<NoSecretKey>()("NoSecretKey", {}) {
  override get message() {
    return "This server has no key to keep secrets with. Whoever runs it sets SHEAF_SECRET_KEYS."
  }
}

/** What was sealed cannot be opened here: its key is not among those of this process, or it is not what was sealed. */
export class SecretUnreadable extends Schema.TaggedError<SecretUnreadable>()("SecretUnreadable", {
  keyId: Schema.NullOr(Schema.String)
}) {
  override get message() {
    return this.keyId === null
      ? "what is stored is no sealed secret"
      : `the key ${this.keyId} that it was sealed with is not among those of this server, or it was changed since`
  }
}

/** Text that only the holders of a key can open: `v1.<key id>.<nonce, tag and cipher text in base64url>`. */
export const Sealed = Schema.String.check(Schema.isPattern(/^v1\.[a-z0-9-]{1,32}\.[A-Za-z0-9_-]{38,8192}$/))
export type Sealed = typeof Sealed.Type

/** Keeps what users entrust to us (tokens, signing secrets), so that the database alone is not enough to read it. */
export interface SecretBox {
  /**
   * `owner` says whose secret it is, in ids: what is sealed for one opens for no other, wherever it is copied to. The newest key is used.
   */
  readonly seal: (secret: Redacted.Redacted, owner: ReadonlyArray<string>) => Effect.Effect<Sealed, NoSecretKey>
  readonly open: (
    sealed: Sealed,
    owner: ReadonlyArray<string>
  ) => Effect.Effect<Redacted.Redacted, SecretUnreadable>
  /** The id of the key that seals; `undefined` where there is none. What was sealed with another is to be sealed again. */
  readonly keyId: string | undefined
}

/** The id of the key that opens it. */
export const keyIdOf = (sealed: Sealed): string => sealed.split(".")[1] ?? ""

/** Where no key is configured nothing can be sealed, and nothing opened. */
export const Secrets = Context.Reference<SecretBox>("@sheaf/adapters/secrets/Secrets/Secrets", {
  defaultValue: () => ({
    seal: () => Effect.fail(new NoSecretKey()),
    open: (sealed) => Effect.fail(new SecretUnreadable({ keyId: keyIdOf(sealed) })),
    keyId: undefined
  })
})
