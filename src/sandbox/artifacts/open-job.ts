import { randomBytes, randomUUID } from 'node:crypto'

import { addToken } from '../apps/tokens.js'
import type { JobAccess } from '../executor.js'
import type { Account, Repository, RunAttempt, WorkflowRun } from '../state/model.js'
import type { World } from '../world.js'
import {
  addArtifact,
  artifactNameProblem,
  artifactsOf,
  deleteArtifact,
  hasArtifact,
  isExpiredArtifact,
} from './artifacts.js'
import { attemptBackendId } from './backend-id.js'
import type { JobGrant } from './job-grants.js'

/** The bot in whose name builds act on github.com. */
const BOT = 'github-actions[bot]'
/** GitHub's tokens of jobs expire after a day at the latest. */
const TOKEN_LIFETIME_MS = 86_400_000
const DAY_MS = 86_400_000

/** Gives a job that begins access to its run. It ends with the job. */
export function openJob(world: World, repository: Repository, run: WorkflowRun, attempt: RunAttempt): JobAccess {
  const grant: JobGrant = {
    runId: run.id,
    runBackendId: attemptBackendId(run.id, attempt.number),
    jobBackendId: randomUUID(),
  }
  const token = addJobToken(world, repository)
  const runtimeToken = runtimeTokenOf(grant)
  world.jobGrants.add(runtimeToken, grant)
  return {
    token,
    runtimeToken,
    resultsUrl: `${world.webUrl()}/`,
    saveArtifact({ name, content, retentionDays, overwrite }) {
      const problem = artifactNameProblem(name)
      if (problem !== null) return { ok: false, message: problem }
      const { runBackendId, jobBackendId } = grant
      if (overwrite) {
        const known = run.artifacts?.find((each) => each.runBackendId === runBackendId && each.name === name)
        if (known !== undefined) deleteArtifact(world, run, known)
      } else if (hasArtifact(run, runBackendId, name)) {
        return { ok: false, message: 'an artifact with this name already exists on the workflow run' }
      }
      const expiresAt = retentionDays === null ? null : world.clock.now() + retentionDays * DAY_MS
      const mimeType = 'application/zip'
      const { id, digest } = addArtifact(world, run, {
        ...{ name, runBackendId, jobBackendId, content, mimeType, expiresAt },
      })
      return { ok: true, id, digest }
    },
    readArtifacts() {
      const newest = artifactsOf(run).filter((artifact, index, all) => {
        return !isExpiredArtifact(world, artifact) && all.findIndex(({ name }) => name === artifact.name) === index
      })
      return newest.flatMap(({ id, name }) => {
        const content = world.artifactContents.read(id)
        return content === null ? [] : [{ name, content }]
      })
    },
    close() {
      world.jobGrants.remove(runtimeToken)
      for (const { upload } of world.uploads.takeOf(grant.jobBackendId)) world.transfers.endUpload(upload)
      world.directory.state.tokens.delete(token)
      world.changed()
    },
  }
}

/** Creates `github.token`: it reads the repository of the run, and what everybody may read of others. */
function addJobToken(world: World, repository: Repository): string {
  const value = `ghs_${randomBytes(18).toString('hex')}`
  addToken(world, {
    value,
    accountId: botAccount(world).id,
    grants: {
      [world.directory.fullName(repository).toLowerCase()]: {
        ...{ metadata: 'read', contents: 'read', actions: 'read', checks: 'read', statuses: 'read' },
        ...{ pull_requests: 'read', issues: 'read', deployments: 'read' },
      },
    },
    expiresAt: world.clock.now() + TOKEN_LIFETIME_MS,
  })
  return value
}

function botAccount({ directory, clock }: World): Account {
  return directory.account(BOT) ?? directory.addAccount(BOT, 'Bot', clock.now())
}

/** A runtime token has the form of a JSON Web Token, because clients read the IDs of its run and job from the claim `scp`. */
function runtimeTokenOf({ runBackendId, jobBackendId }: JobGrant): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { scp: `Actions.Results:${runBackendId}:${jobBackendId}` }
  return `${part({ typ: 'JWT', alg: 'HS256' })}.${part(claims)}.${randomBytes(32).toString('base64url')}`
}
