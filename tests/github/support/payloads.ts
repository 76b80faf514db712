/** Bodies as GitHub sends them, reduced to the fields that the documentation requires and orch may read. */

export const sha = {
  main: '1'.repeat(40),
  head: 'a'.repeat(40),
  other: 'b'.repeat(40),
}

export function repository(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return { id: 10, name: 'lib', full_name: 'acme/lib', archived: false, default_branch: 'main', ...fields }
}

export function ref(branch: string, oid: string): Record<string, unknown> {
  return { ref: `refs/heads/${branch}`, node_id: 'R', url: 'u', object: { type: 'commit', sha: oid, url: 'u' } }
}

export function pull(fields: {
  number: number
  branch?: string
  headSha?: string
  headRepo?: { id: number } | null
  draft?: boolean
  mergeable?: boolean | null
}): Record<string, unknown> {
  return {
    number: fields.number,
    html_url: `https://github.com/acme/lib/pull/${fields.number}`,
    title: `Pull request ${fields.number}`,
    state: 'open',
    draft: fields.draft ?? false,
    mergeable: fields.mergeable === undefined ? true : fields.mergeable,
    head: {
      ref: fields.branch ?? 'DPTA-1',
      sha: fields.headSha ?? sha.head,
      repo: fields.headRepo === undefined ? { id: 10 } : fields.headRepo,
    },
    base: { ref: 'main', sha: sha.main, repo: { id: 10 } },
  }
}

export function status(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: 1,
    state: 'pending',
    context: 'orchestrator-build',
    description: 'run:0123456789ab',
    target_url: 'https://example.com/run',
    creator: { login: 'octocat' },
    created_at: '2026-11-21T08:00:00Z',
    ...fields,
  }
}

export function run(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: 30433642,
    head_sha: sha.head,
    status: 'completed',
    conclusion: 'success',
    run_attempt: 1,
    html_url: 'https://github.com/acme/lib/actions/runs/30433642',
    ...fields,
  }
}

/** An element of `workflow_runs`. */
export function listedRun(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return run({
    event: 'workflow_dispatch',
    head_branch: 'DPTA-1',
    display_title: 'build [orch:0123456789ab]',
    created_at: '2026-11-21T09:00:00Z',
    updated_at: '2026-11-21T09:00:00Z',
    actor: { login: 'octocat' },
    triggering_actor: { login: 'octocat' },
    ...fields,
  })
}

export function job(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: 399444496,
    name: 'build',
    conclusion: 'success',
    completed_at: '2026-11-21T08:10:00Z',
    html_url: 'https://github.com/acme/lib/actions/runs/30433642/job/399444496',
    steps: [],
    ...fields,
  }
}

export function step(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: 'Set up job',
    number: 1,
    conclusion: 'success',
    started_at: '2026-11-21T08:09:00Z',
    completed_at: '2026-11-21T08:09:01Z',
    ...fields,
  }
}
