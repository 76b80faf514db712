import { createHmac, randomUUID } from 'node:crypto'

export const webhookSecret = 'the secret of the webhooks of the benchmark'

export interface SignedDelivery {
  id: string
  headers: Readonly<Record<string, string>>
  body: string
}

/** The size of the payload of a `workflow_run` delivery of GitHub, bytes. */
const payloadSizeBytes = 10_000

/** A delivery as GitHub sends it, with an id of its own, padded to the usual size. */
export function signedDelivery(event: string, payload: object): SignedDelivery {
  const id = randomUUID()
  const { length } = JSON.stringify({ ...payload, padding: '' })
  const body = JSON.stringify({ ...payload, padding: 'x'.repeat(Math.max(0, payloadSizeBytes - length)) })
  const signature = createHmac('sha256', webhookSecret).update(body).digest('hex')
  const headers = {
    'content-type': 'application/json',
    'x-github-event': event,
    'x-github-delivery': id,
    'x-hub-signature-256': `sha256=${signature}`,
  }
  return { id, headers, body }
}

/** The progress of a run. In a repository of the graph it is handled by a durable task; elsewhere it is only stored. */
export function runProgress(repository: string, run: number): SignedDelivery {
  return signedDelivery('workflow_run', {
    action: 'in_progress',
    repository: { full_name: repository, default_branch: 'main' },
    sender: { login: 'somebody' },
    workflow_run: {
      id: run,
      head_sha: run.toString(16).padStart(40, '0'),
      status: 'in_progress',
      conclusion: null,
      run_attempt: 1,
      event: 'workflow_dispatch',
      path: '.github/workflows/build.yml@main',
      html_url: `https://github.com/${repository}/actions/runs/${run}`,
    },
  })
}

/** Asks for a run of a change, as `POST /repos/{owner}/{repo}/dispatches` with the event type `orch-run` makes GitHub do. */
export function runRequest(repository: string, branch: string): SignedDelivery {
  return signedDelivery('repository_dispatch', {
    action: 'orch-run',
    client_payload: { branch },
    repository: { full_name: repository, default_branch: 'main' },
    sender: { login: 'somebody' },
  })
}
