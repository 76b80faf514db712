import type { CommitRun, CommitStatus, RepositoryRead } from '../../src/model/change.js'
import { fingerprints } from '../../src/model/build/fingerprint.js'
import type { Graph } from '../../src/model/graph.js'
import { setDigest } from '../../src/model/set-digest.js'
import { digestOf } from './world-model.js'
import type { WorldRepository } from './world-model.js'

const hour = 3_600_000

/** The flaw of a record; `nothing`: it is true. `re-run`: it says that the build failed, but a person re-ran its run, which is true too. */
const flaws = [
  'nothing',
  're-run',
  'missing',
  'author',
  'any-workflow',
  'fingerprint',
  'host',
  'repository',
  'gone',
  'commit',
  'workflow',
  'conclusion',
  'going-on',
  'old',
] as const
type Flaw = (typeof flaws)[number]

interface EarlierBuild {
  flaw: Flaw
  status: CommitStatus
  run: CommitRun
  /** Whether the reading of the change contains the run. */
  isInReading: boolean
}

/** Records of earlier orchestrations on the heads of a change, some of them forged, and which of them are true. */
export class EarlierBuilds {
  private readonly builds = new Map<string, EarlierBuild>()
  private readonly graph: Graph
  readonly serverUrl = 'https://github.test'

  constructor(
    graph: Graph,
    repositories: readonly WorldRepository[],
    { kind, now, random }: { kind: 'nothing' | 'records' | 'unlocked'; now: number; random: () => number },
  ) {
    this.graph = graph
    if (kind === 'nothing') return
    const heads = new Map(
      repositories.map(({ repo, headSha }) => [repo, { headSha, defaultBranchSha: 'd'.repeat(40) }]),
    )
    const prints = fingerprints(graph, 'DPTA-1', (repo) => heads.get(repo) ?? { headSha: null, defaultBranchSha: null })
    const isForger = random() < 0.5
    for (const [index, { id, repo }] of graph.jobs.entries()) {
      const headSha = heads.get(repo)?.headSha
      if (!headSha) continue
      const isForged = kind === 'records' && isForger && random() < 0.4
      const flaw = isForged ? (flaws[Math.floor(random() * flaws.length)] ?? 'nothing') : 'nothing'
      const build = { id, repo, headSha, fingerprint: prints.get(id) ?? '', runId: 500 + index }
      this.builds.set(repo, makeBuild(build, flaw, now, random() < 0.5))
    }
    if (kind === 'unlocked') unlock(repositories, now, random)
  }

  /** The records in a reading of the repository. */
  recordsOf(repo: string): Pick<RepositoryRead, 'jobStatuses' | 'runs'> {
    const build = this.builds.get(repo)
    if (!build || build.flaw === 'missing') return { jobStatuses: [] }
    return { jobStatuses: [build.status], ...(build.isInReading && build.flaw !== 'gone' ? { runs: [build.run] } : {}) }
  }

  run(repo: string, runId: number): CommitRun | null {
    const build = this.builds.get(repo)
    return build?.run.runId === runId && build.flaw !== 'gone' ? build.run : null
  }

  /** Whether a record proves that the head of the repository is built. */
  isFresh(repo: string): boolean {
    return ['nothing', 're-run'].includes(this.builds.get(repo)?.flaw ?? '')
  }

  /** Whether the job of `dependent` needs that of `repo`, directly or through others. */
  isNeededBy(repo: string, dependent: string): boolean {
    const before = new Set<string>()
    const byId = new Map(this.graph.jobs.map((job) => [job.id, job]))
    const waiting = this.graph.jobs.filter((job) => job.repo === dependent).flatMap(({ needs }) => [...needs])
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      if (before.has(id)) continue
      before.add(id)
      waiting.push(...(byId.get(id)?.needs ?? []))
    }
    return [...before].some((id) => byId.get(id)?.repo === repo)
  }
}

function makeBuild(
  build: { id: string; repo: string; headSha: string; fingerprint: string; runId: number },
  flaw: Flaw,
  now: number,
  isInReading: boolean,
): EarlierBuild {
  const { id, repo, headSha, runId } = build
  const endedAt = now - (flaw === 'old' ? 8 * 24 : 5) * hour
  const host = flaw === 'host' ? 'https://evil.test' : 'https://github.test'
  const page = `${host}/${flaw === 'repository' ? 'acme/other' : repo}/actions/runs/${runId}`
  const print = flaw === 'fingerprint' ? 'f'.repeat(16) : build.fingerprint.slice(0, 16)
  const creators: Partial<Record<Flaw, string>> = { author: 'mallory', 'any-workflow': 'github-actions[bot]' }
  return {
    flaw,
    isInReading,
    status: {
      id: runId,
      state: flaw === 're-run' ? 'failure' : 'success',
      context: `orchestrator-build/${id}`,
      description: `run:before0001 fp:${print} its run succeeded`,
      targetUrl: page,
      creator: creators[flaw] ?? 'me',
      createdAt: endedAt + 1_000,
    },
    run: {
      runId,
      url: page,
      workflow: flaw === 'workflow' ? 'other.yml' : 'build.yml',
      headSha: flaw === 'commit' ? 'e'.repeat(40) : headSha,
      status: flaw === 'going-on' ? 'in_progress' : 'completed',
      conclusion: flaw === 'going-on' ? null : flaw === 'conclusion' ? 'failure' : 'success',
      createdAt: endedAt - hour,
      updatedAt: endedAt,
    },
  }
}

/** A success on each head that has a pull request; one of them may be by another user, of another set, without the bases, or revoked. */
function unlock(repositories: readonly WorldRepository[], now: number, random: () => number): void {
  const digest = digestOf(repositories)
  const flaw = (['nothing', 'author', 'digest', 'state'] as const)[Math.floor(random() * 4)] ?? 'nothing'
  const targets = repositories.filter(({ pullRequest }) => pullRequest !== null)
  const flawed = targets[Math.floor(random() * targets.length)]
  const otherDigest = random() < 0.5 ? '0'.repeat(12) : setDigest(repositories)
  for (const target of targets) {
    const found = target === flawed ? flaw : 'nothing'
    target.statuses.unshift({
      id: 400,
      state: found === 'state' ? 'pending' : 'success',
      context: 'orchestrator-build',
      description: `run:before0001 set:${(found === 'digest' ? otherDigest : digest).slice(0, 12)} ok`,
      targetUrl: '',
      creator: found === 'author' ? 'mallory' : 'me',
      createdAt: now - 4 * hour,
    })
    target.isUnlocked = found === 'nothing'
  }
}
