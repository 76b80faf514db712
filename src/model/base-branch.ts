import { listed } from '../lib/listed.js'
import { matchesBranches } from './branch-pattern.js'
import type { PullRequest } from './change.js'
import type { Graph } from './graph.js'
import type { RepoName } from './repo-name.js'

/** The open pull requests of the change in one repository. */
interface MemberPulls {
  repo: RepoName
  /** Absent: not recorded, in journals of older versions. */
  defaultBranch?: string
  pullRequests: readonly PullRequest[]
}

/**
 * The branches that a member is merged into, each once: the bases of its open pull requests; the default branch where it has none, so
 * that opening one into it changes nothing.
 */
export function basesOf({ defaultBranch, pullRequests }: Omit<MemberPulls, 'repo'>): string[] {
  const bases = pullRequests.map(({ baseRef }) => baseRef)
  if (bases.length === 0 && defaultBranch !== undefined) return [defaultBranch]
  return [...new Set(bases)].sort()
}

/** A pull request whose base is not the default branch of its repository. */
export interface OtherBase {
  repo: RepoName
  number: number
  baseRef: string
  defaultBranch: string
  /** Its base is the branch of another change: the graph file allows that, or `orch run` refuses it. null: it is not. */
  stacked: 'allowed' | 'refused' | null
}

export function otherBasesOf(graph: Graph, { repo, defaultBranch, pullRequests }: MemberPulls): OtherBase[] {
  if (defaultBranch === undefined) return []
  return pullRequests
    .filter(({ baseRef }) => baseRef !== defaultBranch)
    .map(({ number, baseRef }) => {
      const permission = graph.stackedPullRequests === 'allow' ? 'allowed' : 'refused'
      const stacked = matchesBranches(graph.branches, baseRef) ? permission : null
      return { repo, number, baseRef, defaultBranch, stacked }
    })
}

/** `acme/repoB#1 is stacked on DPTA-1, the branch of another change`: one clause for a reader. */
export function describeStacked({ repo, number, baseRef }: OtherBase): string {
  return `${repo}#${number} is stacked on ${baseRef}, the branch of another change`
}

/** Notes for the reader: one about all bases that are ordinary branches, and one about each stacked pull request. */
export function baseNotes(bases: readonly OtherBase[]): string[] {
  const plain = bases.filter(({ stacked }) => stacked === null)
  const stacked = bases.filter((base) => base.stacked !== null)
  return [...(plain.length === 0 ? [] : [describePlain(plain)]), ...stacked.map(noteStacked)]
}

function describePlain(bases: readonly OtherBase[]): string {
  const [first] = bases
  if (first && bases.length === 1) {
    const { repo, number, baseRef, defaultBranch } = first
    return `${repo}#${number} merges into ${baseRef}, not into the default branch ${defaultBranch}`
  }
  const names = bases.map(({ repo, number, baseRef }) => `${repo}#${number} into ${baseRef}`)
  return `these pull requests do not merge into the default branch: ${listed(names)}`
}

function noteStacked(base: OtherBase): string {
  const text = describeStacked(base)
  return base.stacked === 'allowed'
    ? `${text}, as the graph file allows`
    : `${text}: orch run refuses it without stacked-pull-requests: allow in the graph file`
}
