import type { Failure } from '../../model/failure.js'
import type { Read } from '../../ports/host/read.js'
import type { Ask } from '../api/ask.js'
import { count, text, textOrNull } from '../api/fields.js'
import { serviceNeeds } from '../api/permissions.js'
import { createRequesting, type RequestingOptions } from '../api/requesting.js'
import { interpret } from '../api/requests.js'
import { createRedaction, redactDeep } from '../../lib/redaction.js'
import { toApp, type App } from './app-payload.js'

/** A GitHub App that was just created, with its secrets. */
export interface CreatedApp extends App {
  id: string
  /** PEM. */
  privateKey: string
  /** Null: the App has no webhook. */
  webhookSecret: string | null
  clientId: string
  clientSecret: string
}

/**
 * The last step of creating an App from a manifest: POST /app-manifests/{code}/conversions. The code is secret and works once, so that the request
 * is not repeated after a failure. Neither the code nor a secret is in a failure.
 */
export async function convertManifest(
  options: Omit<RequestingOptions, 'token'>,
  code: string,
): Promise<Read<CreatedApp>> {
  const redaction = createRedaction()
  redaction.add(code)
  const { requests } = createRequesting({ ...options, token: null }, redaction)
  const ask: Ask = {
    repo: 'the GitHub App',
    need: serviceNeeds.readApp,
    thing: 'the code of the new GitHub App',
    path: `/app-manifests/${encodeURIComponent(code)}/conversions`,
  }
  const created = interpret(ask, await requests.post(ask, { lane: 'urgent', repeat: 'limits' }), toCreatedApp)
  return created.ok ? created : { ok: false, failure: redactDeep(explain(created.failure), redaction.redact) }
}

function explain({ kind, message }: Failure): Failure {
  if (kind !== 'not-found') return { kind, message, remedy: 'start again: a code works once' }
  const expired = 'GitHub does not know the code: it works once, and for an hour'
  return { kind, message: expired, remedy: 'start again' }
}

function toCreatedApp(payload: unknown): CreatedApp {
  return {
    ...toApp(payload),
    id: String(count(payload, 'id')),
    privateKey: text(payload, 'pem'),
    webhookSecret: textOrNull(payload, 'webhook_secret'),
    clientId: text(payload, 'client_id'),
    clientSecret: text(payload, 'client_secret'),
  }
}
