import type { Repository } from '../state/model.js'
import type { World } from '../world.js'
import { resolveCommit } from './revisions.js'

/** Checks out a repository into an existing empty folder for a run. By default this is the run's own repository at its SHA. */
export async function checkoutFor(
  world: World,
  ownRepository: Repository,
  run: { sha: string; branch: string | null },
  target: { directory: string; repo?: string; ref?: string },
): Promise<void> {
  const [owner = '', name = ''] = target.repo?.split('/') ?? []
  const repository = target.repo === undefined ? ownRepository : world.directory.repository(owner, name)
  if (repository === undefined) throw new Error(`checkout: the repository ${target.repo ?? ''} does not exist`)
  const fullName = world.directory.fullName(repository)
  const isOwnSha = repository === ownRepository && target.ref === undefined
  const ref = target.ref ?? repository.defaultBranch
  const short = ref.replace(/^refs\/(?:heads|tags)\//, '')
  const sha = isOwnSha ? run.sha : (await resolveCommit(world, repository, ref))?.sha
  if (sha === undefined) throw new Error(`checkout: ${fullName} has no ref ${ref}`)
  const isBranch = (await world.git.resolveRef(repository.id, `refs/heads/${short}`)) === sha
  await world.git.checkout(repository.id, sha, {
    directory: target.directory,
    branch: isOwnSha ? run.branch : isBranch ? short : null,
    origin: `${world.webUrl()}/${fullName}.git`,
  })
}
