import type { PullRequest } from '../../../src/model/change.js'
import type { Job } from '../../../src/model/graph.js'
import { noEarlierRuns } from '../../../src/model/build/plan.js'
import type { Plan, RunOptions } from '../../../src/model/build/plan.js'

const owner = 'ismenablement'

export interface JobSketch {
  id: string
  needs?: string[]
  /** Whether the branch exists in its repository; default true. */
  isMember?: boolean
  /** Title of its open pull request; undefined: there is none. */
  title?: string
  repo?: string
}

/** 40 hex digits that start with the job's place. */
export function shaOf(index: number): string {
  return (index + 1).toString(16).padStart(2, '0').repeat(20)
}

export function pullRequest(repo: string, number: number, title: string, branch: string, headSha: string): PullRequest {
  const url = `https://github.com/${repo}/pull/${number}`
  return {
    number,
    url,
    title,
    headRef: branch,
    headSha,
    baseRef: 'main',
    isDraft: false,
    mergeability: 'mergeable',
    isFork: false,
  }
}

/** A plan over these jobs; the pull request of the nth job is number 10 + n. */
export function sketchPlan(branch: string, sketches: JobSketch[], warnings: string[] = []): Plan {
  const jobs: Job[] = sketches.map(({ id, needs = [], repo }) => ({
    id,
    repo: repo ?? `${owner}/${id}`,
    needs,
    workflow: 'build.yml',
    inputs: {},
    timeoutMs: 1_800_000,
    queueTimeoutMs: 3_600_000,
    retries: 0,
    retryOn: 'any',
  }))
  const members = jobs.flatMap((job, index) => {
    const sketch = sketches[index]!
    if (sketch.isMember === false) return []
    const headSha = shaOf(index)
    const pullRequests =
      sketch.title === undefined ? [] : [pullRequest(job.repo, 10 + index, sketch.title, branch, headSha)]
    return [{ repo: job.repo, headSha, pullRequests }]
  })
  const isMember = (job: Job): boolean => members.some(({ repo }) => repo === job.repo)
  return {
    branch,
    graph: { branches: ['DPTA-*'], statusContext: 'orchestrator-build', failFast: true, maxParallel: null, jobs },
    members,
    absent: jobs
      .filter((job) => !isMember(job))
      .map(({ repo }) => ({ repo, defaultBranch: 'main', defaultBranchSha: 'f'.repeat(40) })),
    jobs: jobs.map((job) => ({
      job: job.id,
      action: isMember(job) ? 'run' : 'skip',
      reason: isMember(job) ? 'the branch exists' : `${job.repo} has no branch ${branch}`,
      headSha: members.find(({ repo }) => repo === job.repo)?.headSha ?? null,
      fingerprint: 'a'.repeat(64),
      carriesMarker: false,
    })),
    setDigest: '0123456789abcdef'.repeat(4),
    targets: members
      .filter(({ pullRequests }) => pullRequests.length > 0)
      .map((member) => ({ ...member, status: null, claimedBy: null })),
    warnings,
  }
}

/** The change of the example graph: the branch in repoB and repoD, each with a pull request. */
export function examplePlan(): Plan {
  return sketchPlan('DPTA-1122', [
    { id: 'repoA', isMember: false },
    { id: 'repoB', needs: ['repoA'], title: 'Parse dates strictly' },
    { id: 'repoC', needs: ['repoA'], isMember: false },
    { id: 'repoD', needs: ['repoA'], title: 'Use the strict dates' },
    { id: 'repoE', needs: ['repoB', 'repoC', 'repoD'], isMember: false },
  ])
}

export const defaultOptions: RunOptions = {
  failFast: true,
  maxParallel: null,
  timeoutMs: 21_600_000,
  postStatus: true,
  only: null,
  link: 'https://github.com/ismenablement/repoB/pull/11',
  ...noEarlierRuns,
}
