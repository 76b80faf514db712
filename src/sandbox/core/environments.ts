import type { Environment, Repository } from '../state/model.js'
import type { World } from '../world.js'

/** The protection rules of an environment. */
export type EnvironmentRules = Pick<Environment, 'reviewerIds' | 'waitTimer' | 'preventSelfReview'>

const noRules: EnvironmentRules = { reviewerIds: [], waitTimer: 0, preventSelfReview: false }

/** Finds an environment by its name in any case. */
export function findEnvironment(repository: Repository, name: string): Environment | undefined {
  return repository.environments.get(name.toLowerCase())
}

/** Finds an environment, or creates it without rules, as GitHub does when a job names an unknown one. */
export function ensureEnvironment(world: World, repository: Repository, name: string): Environment {
  return findEnvironment(repository, name) ?? putEnvironment(world, repository, name, noRules)
}

/** Creates an environment or replaces its rules. A run that waits already keeps the rules of before. */
export function putEnvironment(
  world: World,
  repository: Repository,
  name: string,
  rules: Partial<EnvironmentRules>,
): Environment {
  const now = world.clock.now()
  const known = findEnvironment(repository, name)
  const environment: Environment = {
    id: known?.id ?? world.directory.newId(),
    name: known?.name ?? name,
    ...noRules,
    ...rules,
    createdAt: known?.createdAt ?? now,
    updatedAt: now,
  }
  repository.environments.set(name.toLowerCase(), environment)
  world.changed(repository)
  return environment
}

/** The environments of these IDs. */
export function environmentsById(repository: Repository, ids: readonly number[]): Environment[] {
  return [...repository.environments.values()].filter(({ id }) => ids.includes(id))
}
