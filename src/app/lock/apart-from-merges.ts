import { withoutMergedBranch } from '../../model/build/merged-branch.js'
import { setEntries } from '../../model/build/commit-to-build.js'
import type { EndedPullRequest, RepositoryRead } from '../../model/change.js'
import type { ChangeStatus } from '../../model/change-status.js'
import type { Graph } from '../../model/graph.js'
import { repoKey } from '../../model/repo-name.js'
import type { RepoName } from '../../model/repo-name.js'
import { setDigest, shortDigest } from '../../model/set-digest.js'
import type { SetEntry } from '../../model/set-digest.js'
import { readStatusMark } from '../../model/status-description.js'
import type { EndedPullRequests } from '../../ports/host/ended-pull-requests.js'

export interface ApartFromMergesOptions {
  host: EndedPullRequests
  graph: Graph
  branch: string
  status: ChangeStatus
  readings: readonly RepositoryRead[]
  /** The repositories, by `repoKey`, that were members when the change was tested; null: not known. */
  members: ReadonlySet<string> | null
}

/**
 * Whether the unlocked pull requests were tested together with others that were merged since, each at its tested head: then nothing has to
 * be locked. The digest on the unlocked heads decides: it is the digest of the change with the merged heads in the place of the absent ones.
 */
export async function isTestedApartFromMerges(options: ApartFromMergesOptions): Promise<boolean> {
  const { graph, status, readings, members } = options
  const digest = commonDigest(status)
  if (digest === null) return false
  const effective = readings.map(withoutMergedBranch)
  const entries = setEntries(graph, effective)
  const merged = await Promise.all(
    effective.map(async (reading, index) => {
      const mayBeMerged = reading.headSha === null && (members?.has(repoKey(reading.repo)) ?? true)
      return mayBeMerged ? mergedEntries(options, reading, readings[index]) : []
    }),
  )
  return combinations(merged).some((replaced) => {
    const all = entries.map((entry) => replaced.find(({ repo }) => repo === entry.repo) ?? entry)
    return shortDigest(setDigest(all)) === digest
  })
}

/** The digest that all open pull requests of the change carry; null: one has no success, or they differ. */
function commonDigest({ repositories }: ChangeStatus): string | null {
  const digests = new Set(
    repositories.flatMap((row) => {
      if (row.kind === 'unreadable' || row.kind === 'near-miss') return [null]
      if (row.kind !== 'member' || row.pullRequests.length === 0) return []
      return [row.status?.state === 'success' ? (readStatusMark(row.status.description)?.digest ?? null) : null]
    }),
  )
  const [digest = null, ...others] = digests
  return others.length === 0 ? digest : null
}

/** The entry that a repository had in the set before its pull requests were merged. Empty: none was merged. */
async function mergedEntries(
  { host, branch }: ApartFromMergesOptions,
  { repo }: RepositoryRead,
  reading: RepositoryRead | undefined,
): Promise<SetEntry[]> {
  // Without a branch the reading of the change has no ended pull requests.
  const known = reading?.headSha === null ? undefined : reading?.endedPullRequests
  const read = known ? { ok: true as const, value: known } : await host.readEndedPullRequests(repo, branch)
  if (!read.ok) return []
  const latest = [...read.value].sort((one, other) => other.number - one.number).find(({ isMerged }) => isMerged)
  return latest ? [entryOf(repo, latest.headSha, read.value)] : []
}

function entryOf(repo: RepoName, headSha: string, ended: readonly EndedPullRequest[]): SetEntry {
  const bases = ended.filter((each) => each.isMerged && each.headSha === headSha).map(({ baseRef }) => baseRef)
  return { repo, headSha, bases: [...new Set(bases)].sort() }
}

/** More merged repositories than this are replaced all together or not at all. */
const maxCombined = 8

/** Every choice of the merged repositories: an earlier change of the same branch name may have been merged before this one was tested. */
function combinations(merged: readonly (readonly SetEntry[])[]): SetEntry[][] {
  const entries = merged.flat()
  if (entries.length > maxCombined) return [entries]
  let choices: SetEntry[][] = [[]]
  for (const entry of entries) choices = choices.flatMap((choice) => [[...choice, entry], choice])
  return choices.filter((choice) => choice.length > 0)
}
