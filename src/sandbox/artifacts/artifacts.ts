import { createHash } from 'node:crypto'

import type { Artifact } from '../state/artifact.js'
import type { Repository, WorkflowRun } from '../state/model.js'
import type { World } from '../world.js'
import { attemptBackendId } from './backend-id.js'

const DAY_MS = 86_400_000
/** How long GitHub keeps an artifact, unless a workflow asks for less. */
export const RETENTION_DAYS = 90

/** Characters that GitHub refuses in the name of an artifact. */
const FORBIDDEN = /[":<>|*?\r\n\\/]/u

/** Why this cannot be the name of an artifact; null: it can. */
export function artifactNameProblem(name: string): string | null {
  if (name === '') return 'the artifact name is empty'
  if (name === '.' || name === '..' || FORBIDDEN.test(name) || /\p{Cc}/u.test(name)) {
    return `the artifact name is not valid: ${JSON.stringify(name)}`
  }
  return name.length > 260 ? 'the artifact name is longer than 260 characters' : null
}

/**
 * Returns the artifacts of a run, the newest first. As on GitHub, each attempt has its own, and an attempt that runs only the failed jobs again
 * also shows those of the attempts before it.
 */
export function artifactsOf(run: WorkflowRun): Artifact[] {
  const shown = new Set<string>()
  for (const attempt of run.attempts.toReversed()) {
    shown.add(attemptBackendId(run.id, attempt.number))
    if (attempt.failedOnly !== true) break
  }
  return (run.artifacts ?? []).filter(({ runBackendId }) => shown.has(runBackendId)).toReversed()
}

/** An artifact with its run. */
export interface FoundArtifact {
  run: WorkflowRun
  artifact: Artifact
}

/** Returns the artifacts of a repository, the newest first. */
export function artifactsOfRepository(world: World, repository: Repository): FoundArtifact[] {
  const runs = repository.runIds.flatMap((id) => world.directory.state.runs.get(id) ?? [])
  const found = runs.flatMap((run) => artifactsOf(run).map((artifact) => ({ run, artifact })))
  return found.sort((one, other) => other.artifact.id - one.artifact.id)
}

export function isExpiredArtifact(world: World, { expiresAt }: Artifact): boolean {
  return expiresAt <= world.clock.now()
}

/** The content of a new artifact, and who uploads it. */
export interface NewArtifact {
  name: string
  runBackendId: string
  jobBackendId: string
  content: Uint8Array
  mimeType: string
  /** When the workflow wants it to expire (ms, UTC); null: as late as possible. */
  expiresAt: number | null
}

/** Returns whether an attempt has an artifact of this name. */
export function hasArtifact(run: WorkflowRun, runBackendId: string, name: string): boolean {
  return (run.artifacts ?? []).some((artifact) => artifact.runBackendId === runBackendId && artifact.name === name)
}

export function digestOf(content: Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}

/** Adds an artifact to a run, and deletes the contents of expired ones of the run. */
export function addArtifact(world: World, run: WorkflowRun, given: NewArtifact): Artifact {
  const { content, expiresAt, ...fields } = given
  const now = world.clock.now()
  const latest = now + RETENTION_DAYS * DAY_MS
  const artifact: Artifact = {
    ...fields,
    id: world.directory.newId(),
    sizeBytes: content.length,
    digest: digestOf(content),
    createdAt: now,
    expiresAt: Math.min(expiresAt ?? latest, latest),
  }
  world.artifactContents.write(artifact.id, content)
  for (const each of run.artifacts ?? []) if (isExpiredArtifact(world, each)) world.artifactContents.delete(each.id)
  run.artifacts = [...(run.artifacts ?? []), artifact]
  world.changed(run)
  return artifact
}

/** Removes an artifact with its content. */
export function deleteArtifact(world: World, run: WorkflowRun, { id }: Artifact): void {
  run.artifacts = (run.artifacts ?? []).filter((artifact) => artifact.id !== id)
  world.artifactContents.delete(id)
  world.changed(run)
}
