import type { RepoName } from '../../model/repo-name.js'
import type { RunningSandbox } from './sandbox-connection.js'

export interface SandboxWebhookOptions {
  sandbox: RunningSandbox
  repositories: readonly RepoName[]
  /** Where deliveries go, without a slash at the end. */
  serviceUrl: string
  secret: string
  fetch: typeof globalThis.fetch
}

const path = '/webhooks/github'

/**
 * Creates the webhook of a service in each repository of the embedded GitHub. The webhook of an earlier service keeps its deliveries, so
 * that those which failed are handled now. Rejects when it refuses.
 */
export async function createSandboxWebhooks(options: SandboxWebhookOptions): Promise<void> {
  for (const repo of options.repositories) await connectWebhook(options, repo)
}

async function connectWebhook(options: SandboxWebhookOptions, repo: RepoName): Promise<void> {
  const hooks = `/repos/${repo}/hooks`
  const config = { url: `${options.serviceUrl}${path}`, content_type: 'json', secret: options.secret }
  const hook = { config, events: ['*'], active: true }
  const known = (await send(options, 'GET', hooks)) as { id: number; config: { url?: string } }[]
  const own = known.find(({ config: { url } }) => url?.endsWith(path) === true)
  if (own) await send(options, 'PATCH', `${hooks}/${own.id}`, hook)
  else await send(options, 'POST', hooks, hook)
}

async function send(
  { sandbox, fetch }: SandboxWebhookOptions,
  method: string,
  where: string,
  body?: object,
): Promise<unknown> {
  const answer = await fetch(`${sandbox.url}/api/v3${where}`, {
    method,
    headers: { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`the embedded GitHub refused ${method} ${where}: ${answer.status} ${text}`)
  return text === '' ? null : JSON.parse(text)
}
