/** Events and runs in this process. */
export interface LocalClientOptions {
  mode: 'local'
  /** The folder that contains `.orch`, `.codex` or `flows`. Default: the working directory of the process. */
  cwd?: string
  /**
   * Where ids, results and replays are kept. `memory` (the default) lasts as long as the client; `file` survives the process and may be
   * used by several at the same time. `directory` is relative to `cwd`; default: `.orch`.
   */
  state?: { kind: 'memory' } | { kind: 'file'; directory?: string }
  /** The environment from which steps take the names that they list. Default: that of the process. */
  env?: Readonly<Record<string, string | undefined>>
}

/** A service (`orch serve`). */
export interface HttpClientOptions {
  mode: 'http'
  /** Such as `http://127.0.0.1:7345`. */
  baseUrl: string
  /** Signs each request. */
  hmacSecret?: string
  /** Sent as a bearer token. */
  token?: string
}

export type FlowClientOptions = LocalClientOptions | HttpClientOptions
