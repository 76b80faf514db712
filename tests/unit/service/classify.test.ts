import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseGraphFile } from '../../../src/config/graph-file.js'
import type { Graph } from '../../../src/model/graph.js'
import { classify } from '../../../src/service/triggers/classify.js'
import type { Trigger } from '../../../src/service/triggers/trigger.js'
import { exampleGraph } from '../../support/example-graph.js'

const sha = 'a'.repeat(40)
const next = 'b'.repeat(40)
const none = '0'.repeat(40)
const repository = { full_name: 'acme/repoB', default_branch: 'main' }

function graphWith(setting = ''): Graph {
  const parsed = parseGraphFile(`${exampleGraph}${setting}\n`)
  if (!parsed.ok) throw new Error('the graph file has errors')
  return parsed.graph
}

function classified(event: string, payload: unknown, graph = graphWith()): Trigger {
  return classify({ event, payload }, { graph, isOwn: ({ creator }) => creator === 'orch[bot]' })
}

/** A delivery of `pull_request` for repoB#7 of branch DPTA-1. */
function pullRequest(action: string, more: object = {}, own: object = {}): object {
  const repo = { id: 1, full_name: 'acme/repoB' }
  const pull = { number: 7, head: { ref: 'DPTA-1', sha, repo }, base: { ref: 'main', repo }, ...own }
  return { action, number: 7, repository, pull_request: pull, sender: { login: 'octocat' }, ...more }
}

function push(more: object = {}): object {
  return { ref: 'refs/heads/DPTA-1', before: sha, after: next, repository, sender: { login: 'octocat' }, ...more }
}

const member = { repo: 'acme/repoB', branch: 'DPTA-1' }

describe('classify', () => {
  test.each<[string, string, object, object]>([
    [
      'a push to the branch of a member',
      'push',
      push(),
      { kind: 'branch-pushed', ...member, before: sha, after: next },
    ],
    [
      'a created branch',
      'push',
      push({ before: none, created: true }),
      { kind: 'branch-pushed', before: null, after: next },
    ],
    [
      'a deleted branch',
      'push',
      push({ after: none, deleted: true }),
      { kind: 'branch-pushed', before: sha, after: null },
    ],
    [
      'a synchronized pull request',
      'pull_request',
      pullRequest('synchronize', { before: sha, after: next }),
      { kind: 'branch-pushed', ...member, before: sha, after: next },
    ],
    [
      'an opened pull request',
      'pull_request',
      pullRequest('opened'),
      { kind: 'pull-request-opened', ...member, number: 7 },
    ],
    ['a reopened pull request', 'pull_request', pullRequest('reopened'), { kind: 'pull-request-opened', number: 7 }],
    [
      'a closed pull request',
      'pull_request',
      pullRequest('closed', {}, { merged: false, closed_at: '2026-11-21T09:00:00Z' }),
      { kind: 'pull-request-closed', isMerged: false, closedAt: Date.UTC(2026, 10, 21, 9) },
    ],
    [
      'a merged pull request',
      'pull_request',
      pullRequest('closed', {}, { merged: true }),
      { kind: 'pull-request-closed', isMerged: true },
    ],
    [
      'an edited base',
      'pull_request',
      pullRequest('edited', { changes: { base: { ref: { from: 'main' } } } }),
      { kind: 'base-edited', number: 7 },
    ],
    ['a pull request that became a draft', 'pull_request', pullRequest('converted_to_draft'), { kind: 'became-draft' }],
    ['a draft that became ready', 'pull_request', pullRequest('ready_for_review'), { kind: 'became-ready' }],
    [
      'a push to the default branch',
      'push',
      push({ ref: 'refs/heads/main' }),
      { kind: 'default-branch-pushed', repo: 'acme/repoB' },
    ],
    [
      'a completed run of a workflow of the graph',
      'workflow_run',
      { action: 'completed', repository, workflow_run: run({ status: 'completed', conclusion: 'success' }) },
      {
        kind: 'run-changed',
        run: { id: 12_345_678_901, headSha: sha, status: 'completed', conclusion: 'success', runAttempt: 2, url: 'u' },
      },
    ],
    [
      'a requested check of a merge group',
      'merge_group',
      mergeGroup('checks_requested'),
      { kind: 'merge-group-requested', repo: 'acme/repoB', headSha: sha, number: 12 },
    ],
    [
      'a destroyed merge group',
      'merge_group',
      mergeGroup('destroyed'),
      { kind: 'merge-group-destroyed', headSha: sha },
    ],
    [
      'a status of our context by somebody else',
      'status',
      status({}),
      { kind: 'foreign-status', headSha: sha, state: 'success', by: 'mallory' },
    ],
    [
      'a comment with a command',
      'issue_comment',
      comment('please\n  /orch run\n'),
      { kind: 'command-comment', number: 7, commentId: 9, author: 'octocat', body: 'please\n  /orch run\n' },
    ],
    [
      'a dispatched command',
      'repository_dispatch',
      { action: 'orch-run', repository, client_payload: { branch: 'DPTA-1' }, sender: { login: 'octocat' } },
      { kind: 'command-dispatched', command: 'run', branch: 'DPTA-1', by: 'octocat' },
    ],
    [
      'a new installation',
      'installation',
      { action: 'created', installation: { account: { login: 'acme' } } },
      { kind: 'installation-changed', action: 'created', account: 'acme' },
    ],
  ])('%s is recognized', (_, event, payload, trigger) => {
    expect(classified(event, payload)).toMatchObject(trigger)
  })

  test('a run that an event started is recognized only where a job sends events', () => {
    const graph = graphWith('  docs: { repo: repoB, event-type: built }')
    const payload = {
      repository,
      workflow_run: run({ event: 'repository_dispatch', path: '.github/workflows/docs.yml' }),
    }
    expect(classified('workflow_run', payload, graph)).toMatchObject({ kind: 'run-changed', repo: 'acme/repoB' })
    expect(classified('workflow_run', payload)).toMatchObject({ reason: 'the workflow is not part of the graph' })
    const dispatched = { repository, workflow_run: run({ path: '.github/workflows/docs.yml' }) }
    expect(classified('workflow_run', dispatched, graph)).toMatchObject({
      reason: 'the workflow is not part of the graph',
    })
  })

  test.each<[string, string, unknown, string]>([
    ['an unknown event', 'sponsorship', {}, 'there is nothing to do for the event sponsorship'],
    ['a ping', 'ping', { zen: 'x' }, 'there is nothing to do for the event ping'],
    [
      'another repository',
      'push',
      push({ repository: { full_name: 'acme/other' } }),
      'the repository is not part of the graph',
    ],
    ['a pushed tag', 'push', push({ ref: 'refs/tags/DPTA-1' }), 'it is not a push to a branch'],
    ['a push to another branch', 'push', push({ ref: 'refs/heads/feature' }), 'it is not the branch of a change'],
    ['a push to an impossible branch', 'push', push({ ref: 'refs/heads/DPTA-..' }), 'it is not the branch of a change'],
    [
      'a new title',
      'pull_request',
      pullRequest('edited', { changes: { title: {} } }),
      'only its title or text was edited',
    ],
    ['a label', 'pull_request', pullRequest('labeled'), 'nothing that is tested has changed'],
    ['an assignment', 'pull_request', pullRequest('assigned'), 'nothing that is tested has changed'],
    [
      'a run that a push started',
      'workflow_run',
      { repository, workflow_run: run({ event: 'push' }) },
      'the run was not dispatched',
    ],
    [
      'a run of another workflow',
      'workflow_run',
      { repository, workflow_run: run({ path: '.github/workflows/lint.yml' }) },
      'the workflow is not part of the graph',
    ],
    ['a status of another context', 'status', status({ context: 'ci' }), 'it is a status of another context'],
    ['our own status', 'status', status({ sender: { login: 'orch[bot]' } }), 'orch posted it'],
    ['an edited comment', 'issue_comment', comment('/orch run', 'edited'), 'only new comments are read'],
    ['a comment without a command', 'issue_comment', comment('see /orch run'), 'it has no command'],
    ['a longer word', 'issue_comment', comment('/orchestrate'), 'it has no command'],
    [
      'the comment of a bot',
      'issue_comment',
      { ...comment('/orch run'), comment: { id: 9, body: '/orch run', user: { login: 'x[bot]', type: 'Bot' } } },
      'a bot wrote it',
    ],
    [
      'another event type',
      'repository_dispatch',
      { action: 'deploy', repository },
      'its event type is not orch-run or orch-invalidate',
    ],
  ])('%s is ignored', (_, event, payload, reason) => {
    expect(classified(event, payload)).toEqual({ kind: 'ignored', reason })
  })

  test.each([
    ['another repository of the same owner', { id: 2, full_name: 'acme/fork' }],
    ['a deleted fork', null],
  ])('a pull request of the same branch name from %s is not part of the change', (_, repo) => {
    for (const action of ['opened', 'synchronize', 'closed', 'converted_to_draft', 'ready_for_review']) {
      const payload = pullRequest(action, {}, { head: { ref: 'DPTA-1', sha, repo } })
      expect(classified('pull_request', payload)).toEqual({
        kind: 'ignored',
        reason: 'it is not a pull request of a change',
      })
    }
  })

  test('with other-pull-requests: pass, a fork and another branch are to be passed when their head may be new', () => {
    const graph = graphWith('other-pull-requests: pass')
    const fork = { head: { ref: 'DPTA-1', sha, repo: { id: 2 } } }
    const other = { head: { ref: 'feature', sha, repo: { id: 1 } } }
    const passed = { kind: 'other-pull-request', repo: 'acme/repoB', number: 7 }
    expect(classified('pull_request', pullRequest('opened', {}, fork), graph)).toEqual(passed)
    expect(classified('pull_request', pullRequest('synchronize', {}, other), graph)).toEqual(passed)
    expect(classified('pull_request', pullRequest('closed', {}, other), graph).kind).toBe('ignored')
    expect(classified('pull_request', pullRequest('opened'), graph).kind).toBe('pull-request-opened')
  })

  test('the names of owners, repositories and our context are compared without case', () => {
    const payload = push({ repository: { full_name: 'ACME/REPOB', default_branch: 'main' } })
    expect(classified('push', payload)).toMatchObject({ kind: 'branch-pushed', repo: 'acme/repoB' })
    expect(classified('status', status({ context: 'Orchestrator-Build' })).kind).toBe('foreign-status')
  })

  const events = [
    'push',
    'pull_request',
    'workflow_run',
    'merge_group',
    'status',
    'issue_comment',
    'repository_dispatch',
  ]

  test('no payload makes classify throw, and what is not what GitHub sends is ignored', () => {
    fc.assert(
      fc.property(fc.constantFrom(...events, 'installation', 'x'), fc.jsonValue({ maxDepth: 5 }), (event, payload) => {
        expect(typeof classified(event, payload).kind).toBe('string')
      }),
    )
  })

  test('no value in place of a field of a real payload makes classify throw', () => {
    const samples: Record<string, object> = {
      push: push(),
      pull_request: pullRequest('synchronize', { before: sha, after: next, changes: { base: {} } }),
      workflow_run: { repository, workflow_run: run({}) },
      merge_group: mergeGroup('checks_requested'),
      status: status({}),
      issue_comment: comment('/orch run'),
      repository_dispatch: { action: 'orch-run', repository, client_payload: { branch: 'DPTA-1' } },
    }
    const hostile = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom('__proto__', 'constructor', '\u0000', 'DPTA-1\n', '../..', Number.MAX_VALUE, -1, 1.5),
    )
    fc.assert(
      fc.property(fc.constantFrom(...events), fc.nat(), hostile, (event, at, value) => {
        const payload: unknown = structuredClone(samples[event])
        replaceNth(payload, at, value)
        expect(typeof classified(event, payload).kind).toBe('string')
      }),
    )
  })
})

/** Replaces one of the values below an object, chosen by a number. */
function replaceNth(payload: unknown, at: number, value: unknown): void {
  const places: [Record<string, unknown>, string][] = []
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    const fields = node as Record<string, unknown>
    for (const key of Object.keys(fields)) {
      places.push([fields, key])
      visit(fields[key])
    }
  }
  visit(payload)
  const place = places[at % places.length]
  if (place) place[0][place[1]] = value
}

function run(more: object): object {
  const path = '.github/workflows/build.yml@DPTA-1'
  const own = { event: 'workflow_dispatch', path, head_sha: sha, html_url: 'u', run_attempt: 2 }
  return { id: 12_345_678_901, status: 'queued', conclusion: null, ...own, ...more }
}

function mergeGroup(action: string): object {
  const group = {
    head_sha: sha,
    head_ref: `refs/heads/gh-readonly-queue/main/pr-12-${next}`,
    base_ref: 'refs/heads/main',
  }
  return { action, repository, merge_group: group }
}

function status(more: object): object {
  return { repository, sha, state: 'success', context: 'orchestrator-build', sender: { login: 'mallory' }, ...more }
}

function comment(body: string, action = 'created'): object {
  const user = { login: 'octocat', type: 'User' }
  return { action, repository, issue: { number: 7, pull_request: {} }, comment: { id: 9, body, user } }
}
