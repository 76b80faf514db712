import type { Account, Repository } from '../state/model.js'
import type { World } from '../world.js'

/** The properties of a new repository. */
export interface NewRepository {
  owner: Account
  name: string
  description?: string | null
  private?: boolean
  /** Default: `main`. */
  defaultBranch?: string
}

/** Whether GitHub accepts this as the name of a repository. */
export function isRepositoryName(name: string): boolean {
  return /^[A-Za-z0-9._-]{1,100}$/.test(name) && name !== '.' && name !== '..' && !name.toLowerCase().endsWith('.git')
}

/** Whether GitHub accepts this as the login of a user or an organization. */
export function isLogin(login: string): boolean {
  return /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})$/.test(login)
}

/** Whether GitHub accepts this as a topic. */
export function isTopic(topic: string): boolean {
  return /^[a-z0-9][a-z0-9-]{0,49}$/.test(topic)
}

/** Creates an empty repository. The name must be unused. */
export async function createRepository(world: World, made: NewRepository): Promise<Repository> {
  const repository = newRepository(world, made, null)
  await world.git.createRepository(repository.id, repository.defaultBranch)
  world.directory.addRepository(repository)
  world.changed(repository)
  return repository
}

/** Creates a repository with the branches of another. The name must be unused. */
export async function forkRepository(
  world: World,
  parent: Repository,
  owner: Account,
  name: string,
): Promise<Repository> {
  const { description, defaultBranch } = parent
  const made = { owner, name, description, private: parent.private, defaultBranch }
  const repository = newRepository(world, made, parent.id)
  await world.git.forkRepository(parent.id, repository.id)
  world.directory.addRepository(repository)
  world.changed(repository)
  return repository
}

function newRepository(world: World, made: NewRepository, parentId: number | null): Repository {
  const now = world.clock.now()
  return {
    id: world.directory.newId(),
    ownerId: made.owner.id,
    name: made.name,
    description: made.description ?? null,
    topics: [],
    private: made.private ?? false,
    archived: false,
    parentId,
    defaultBranch: made.defaultBranch ?? 'main',
    createdAt: now,
    updatedAt: now,
    pushedAt: now,
    nextNumber: 1,
    collaborators: new Map(),
    pulls: new Map(),
    comments: new Map(),
    statuses: new Map(),
    checkRuns: new Map(),
    rulesets: new Map(),
    mergeQueue: [],
    environments: new Map(),
    workflows: new Map(),
    runIds: [],
    activities: [],
  }
}
