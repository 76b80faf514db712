/** Webhooks and their deliveries as plain values. Times are in ms, UTC. */

/** What a webhook belongs to. `id` is that of the repository, of the organization's account or of the App. */
export interface HookOwner {
  type: 'repository' | 'organization' | 'app'
  id: number
}

export interface HookConfig {
  url: string
  contentType: 'json' | 'form'
  insecureSsl: '0' | '1'
  /** Null: deliveries are not signed. */
  secret: string | null
}

/** How the receiver answered the newest delivery. */
export interface LastResponse {
  code: number | null
  status: string
  message: string | null
}

export interface Hook {
  id: number
  owner: HookOwner
  active: boolean
  /** The names of events; `*` stands for all. */
  events: string[]
  config: HookConfig
  lastResponse: LastResponse
  createdAt: number
  updatedAt: number
}

/** One attempt to deliver an event to a hook. */
export interface HookDelivery {
  id: number
  hookId: number
  /** The X-GitHub-Delivery header, which a redelivery keeps. */
  guid: string
  deliveredAt: number
  redelivery: boolean
  durationMs: number
  /** `OK`, or the reason of the failure. */
  status: string
  /** 0: the receiver did not answer. */
  statusCode: number
  event: string
  action: string | null
  installationId: number | null
  repositoryId: number | null
  url: string
  /** The payload is JSON, whatever the content type of the request. */
  request: { headers: Record<string, string>; payload: string }
  /** Null: the receiver did not answer. */
  response: { headers: Record<string, string>; payload: string } | null
}
