import { pythonName } from '../../config/manifests/requirement.js'
import type { Ecosystem, Manifest, Mention } from '../../config/manifests/manifest.js'
import { assertNever } from '../../lib/assert-never.js'
import type { NeedSource, ProposedNeed } from '../../model/proposed-need.js'
import { repoKey, splitRepo } from '../../model/repo-name.js'
import type { RepoName } from '../../model/repo-name.js'

/** A repository with the manifests of its default branch. */
export interface RepositoryManifests {
  repo: RepoName
  manifests: readonly { file: string; manifest: Manifest }[]
}

/** The needs between the repositories, as their files name each other. At most one for each pair, in the order of the repositories. */
export function proposeNeeds(repositories: readonly RepositoryManifests[]): ProposedNeed[] {
  const known = repositories.map(createCandidate)
  const index = createIndex(known)
  return repositories.flatMap(({ repo, manifests }) => {
    const sources = new Map<RepoName, NeedSource[]>()
    for (const { file, manifest } of manifests) {
      for (const mention of manifest.mentions) {
        for (const needed of findNamed(index, mention, repo)) {
          const found = sources.get(needed) ?? []
          sources.set(needed, addSource(found, { file, line: mention.line, text: mention.text }))
        }
      }
    }
    const others = known.filter((each) => sources.has(each.repo))
    return others.map((each) => ({ dependent: repo, needed: each.repo, sources: sources.get(each.repo) ?? [] }))
  })
}

/** A line counts once, also if it names a repository in several ways. */
function addSource(sources: NeedSource[], source: NeedSource): NeedSource[] {
  const isKnown = sources.some(({ file, line }) => file === source.file && line === source.line)
  return isKnown ? sources : [...sources, source]
}

/** A repository that others may need. */
interface Candidate {
  repo: RepoName
  owner: string
  name: string
  /** `npm:@acme/money` */
  packages: ReadonlySet<string>
  /** The ecosystems that it publishes packages in. */
  ecosystems: ReadonlySet<Ecosystem>
}

function createCandidate({ repo, manifests }: RepositoryManifests): Candidate {
  const { owner, name } = splitRepo(repoKey(repo))
  const packages = manifests.flatMap(({ manifest }) => manifest.packages)
  return {
    repo,
    owner,
    name,
    packages: new Set(packages.map((each) => `${each.ecosystem}:${each.name}`)),
    ecosystems: new Set(packages.map(({ ecosystem }) => ecosystem)),
  }
}

/** The repositories by what they can be named by: an organization may have thousands, each with hundreds of dependencies. */
interface CandidateIndex {
  /** By `npm:@acme/money`. */
  byPackage: ReadonlyMap<string, readonly Candidate[]>
  /** By name, and by the name in the form of Python. */
  byName: ReadonlyMap<string, readonly Candidate[]>
}

function createIndex(known: readonly Candidate[]): CandidateIndex {
  return {
    byPackage: groupBy(known, ({ packages }) => packages),
    byName: groupBy(known, ({ name }) => new Set([name, pythonName(name)])),
  }
}

function groupBy(
  known: readonly Candidate[],
  keysOf: (candidate: Candidate) => Iterable<string>,
): Map<string, Candidate[]> {
  const groups = new Map<string, Candidate[]>()
  for (const candidate of known) {
    for (const key of keysOf(candidate)) {
      const group = groups.get(key)
      if (group) group.push(candidate)
      else groups.set(key, [candidate])
    }
  }
  return groups
}

/** The other repositories that a file of `repo` names. A package of its own names no other one. */
function findNamed(index: CandidateIndex, mention: Mention, repo: RepoName): RepoName[] {
  const called = (name: string): readonly Candidate[] => index.byName.get(name.toLowerCase()) ?? []
  switch (mention.kind) {
    case 'repository': {
      const owner = mention.owner?.toLowerCase() ?? splitRepo(repoKey(repo)).owner
      return otherThan(
        repo,
        called(mention.name).filter((each) => each.owner === owner && each.name === mention.name.toLowerCase()),
      )
    }
    case 'image': {
      const name = mention.name.split('/').at(-1) ?? ''
      return otherThan(
        repo,
        called(name).filter((each) => isImageOf(each, mention.name)),
      )
    }
    case 'package': {
      const publishing = packageKeys(mention).flatMap((key) => index.byPackage.get(key) ?? [])
      const named =
        publishing.length > 0 ? publishing : called(shortName(mention)).filter((each) => isCalled(each, mention))
      return named.some((each) => each.repo === repo) ? [] : named.map((each) => each.repo)
    }
    default:
      return assertNever(mention)
  }
}

function otherThan(repo: RepoName, named: readonly Candidate[]): RepoName[] {
  return named.map((each) => each.repo).filter((each) => each !== repo)
}

type PackageMention = Mention & { kind: 'package' }

/** The packages of a repository that the mention can mean: a package of Go has the path of its module before its own. */
function packageKeys({ ecosystem, name }: PackageMention): string[] {
  if (ecosystem !== 'go') return [`${ecosystem}:${name}`]
  const parts = name.split('/')
  return parts.map((_, count) => `go:${parts.slice(0, count + 1).join('/')}`)
}

/** The part of the name of a package that can be the name of a repository. */
function shortName({ ecosystem, name }: PackageMention): string {
  if (ecosystem === 'maven') return name.split(':')[1] ?? name
  return ecosystem === 'npm' ? name.replace(/^@[^/]*\//u, '') : name
}

/**
 * Whether the package has the name of the repository. Only where the repository does not publish packages of that kind under other names, and
 * not where the package has the scope of another owner.
 */
function isCalled(candidate: Candidate, { ecosystem, name }: PackageMention): boolean {
  if (candidate.ecosystems.has(ecosystem)) return false
  const lower = name.toLowerCase()
  switch (ecosystem) {
    case 'npm':
      return lower === candidate.name || lower === `@${candidate.owner}/${candidate.name}`
    case 'maven':
      return lower.split(':')[1] === candidate.name
    case 'pypi':
      return lower === pythonName(candidate.name)
    case 'cargo':
      return lower === candidate.name
    // The path of a module names a repository by its address, or not at all.
    case 'go':
      return false
  }
}

/** Registries where anybody may have images: there only those of the owner count. */
const publicRegistries: ReadonlySet<string> = new Set(['docker.io', 'ghcr.io', 'quay.io', 'public.ecr.aws', 'gcr.io'])

/** Whether a container image has the name of the repository, in the namespace of its owner or in a registry of its own. */
function isImageOf({ owner, name }: Candidate, image: string): boolean {
  const parts = image.toLowerCase().split('/')
  const [first = ''] = parts
  const hasRegistry = parts.length > 1 && (/[.:]/u.test(first) || first === 'localhost')
  const registry = hasRegistry ? first : 'docker.io'
  const path = hasRegistry ? parts.slice(1) : parts
  if (path.at(-1) !== name) return false
  return publicRegistries.has(registry) ? path.slice(0, -1).includes(owner) : true
}
