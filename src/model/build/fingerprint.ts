import { createHash } from 'node:crypto'
import type { Graph, Job } from '../graph.js'
import { repoKey } from '../repo-name.js'
import type { RepoName } from '../repo-name.js'
import { commitToBuild } from './commit-to-build.js'
import type { CommitToBuild, Heads } from './commit-to-build.js'
import { templatesIn } from './template.js'
import type { Template, TemplateJson } from './template.js'

/** For each job, sha256 (64 hex digits) of everything that its build depends on; equal fingerprints mean equal builds. */
export function fingerprints(graph: Graph, branch: string, heads: (repo: RepoName) => Heads): Map<string, string> {
  const result = new Map<string, string>()
  for (const job of graph.jobs) result.set(job.id, fingerprint(job, branch, heads(job.repo), result))
  return result
}

function fingerprint(job: Job, branch: string, heads: Heads, known: ReadonlyMap<string, string>): string {
  const needs = job.needs.map((need) => known.get(need) ?? '').sort()
  const inputs = Object.entries(job.inputs)
    .map(([name, template]) => [name, template.source, ...(namesBranch(template) ? [branch] : [])])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
  const commit = commitToBuild(job, heads)
  // JSON separates the parts, so that different jobs never have the same text.
  const content =
    commit === null
      ? ['skipped', repoKey(job.repo), heads.defaultBranchSha, needs]
      : [kindOf(commit), repoKey(job.repo), commit.sha, job.workflow, inputs, needs, ...eventOf(job, branch)]
  return createHash('sha256').update(JSON.stringify(content)).digest('hex')
}

/** A workflow can see on which branch it runs. */
function kindOf({ isDefaultBranch }: CommitToBuild): string {
  return isDefaultBranch ? 'built on the default branch' : 'built'
}

/** What an event passes to the workflow; empty: the job has none. */
function eventOf({ event }: Job, branch: string): unknown[] {
  if (!event) return []
  const isBranchNamed = templatesIn(event.payload).some(namesBranch)
  return [event.type, sourceOf({ kind: 'map', entries: event.payload }), ...(isBranchNamed ? [branch] : [])]
}

/** A payload as it is written in the graph file, whatever the order of its keys. */
function sourceOf(json: TemplateJson): unknown {
  if (json.kind === 'template') return json.template.source
  if (json.kind === 'list') return json.items.map(sourceOf)
  if (json.kind === 'value') return [json.value]
  return [...json.entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => [key, sourceOf(value)])
}

/** The same commit can be the head of two branches; their builds then differ only if an input names the branch. */
function namesBranch({ parts }: Template): boolean {
  return parts.some((part) => part.kind === 'expression' && part.expression.name === 'branch')
}
