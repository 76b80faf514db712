import { artifactsOf, artifactsOfRepository, deleteArtifact, isExpiredArtifact } from '../artifacts/artifacts.js'
import type { FoundArtifact } from '../artifacts/artifacts.js'
import type { Answer } from '../http/answer.js'
import { empty, failure, json, notFound } from '../http/answer.js'
import type { RepositoryCall, RepositoryRoute } from '../http/call.js'
import { permission } from '../http/call.js'
import { paged, pageOf, readPage } from '../http/pagination.js'
import { presentArtifact } from '../present/artifact.js'
import { findRun, isShown } from './runs.js'

const read = permission('actions', 'read')
const write = permission('actions', 'write')
const ARTIFACT = '/actions/artifacts/{artifact_id}'

/** Artifacts of workflow runs. */
export const artifactRoutes: RepositoryRoute[] = [
  { method: 'GET', path: '/actions/artifacts', permissions: [read], handle: listRepositoryArtifacts },
  { method: 'GET', path: '/actions/runs/{run_id}/artifacts', permissions: [read], handle: listRunArtifacts },
  { method: 'GET', path: ARTIFACT, permissions: [read], handle: getArtifact },
  { method: 'GET', path: `${ARTIFACT}/{archive_format}`, permissions: [read], handle: download },
  { method: 'DELETE', path: ARTIFACT, permissions: [write], handle: removeArtifact },
]

function answerArtifacts(call: RepositoryCall, all: FoundArtifact[]): Answer {
  const { world, repository, query } = call
  const name = query.get('name')
  const named = all.filter(({ artifact }) => name === null || artifact.name === name)
  const page = pageOf(named, readPage(query))
  const artifacts = page.map((found) => presentArtifact(world, repository, found))
  return paged(call, named.length, { total_count: named.length, artifacts })
}

function shownArtifacts(call: RepositoryCall): FoundArtifact[] {
  return artifactsOfRepository(call.world, call.repository).filter(({ run }) => isShown(call, run))
}

function listRepositoryArtifacts(call: RepositoryCall): Answer {
  return answerArtifacts(call, shownArtifacts(call))
}

function listRunArtifacts(call: RepositoryCall): Answer {
  const run = findRun(call)
  if (run === undefined) return notFound()
  const newestFirst = artifactsOf(run).map((artifact) => ({ run, artifact }))
  return answerArtifacts(call, call.query.get('direction') === 'asc' ? newestFirst.toReversed() : newestFirst)
}

function findArtifact(call: RepositoryCall): FoundArtifact | undefined {
  return shownArtifacts(call).find(({ artifact }) => artifact.id === Number(call.params.artifact_id))
}

function getArtifact(call: RepositoryCall): Answer {
  const found = findArtifact(call)
  return found === undefined ? notFound() : json(presentArtifact(call.world, call.repository, found))
}

/** Redirects to the content. As on GitHub, its URL is valid for a minute and needs no token, but this request does, also in a public repository. */
function download(call: RepositoryCall): Answer {
  const { world, actor, params } = call
  if (actor === null) return failure(401, 'Requires authentication')
  const found = findArtifact(call)
  if (found === undefined || params.archive_format !== 'zip') return notFound()
  if (isExpiredArtifact(world, found.artifact)) return failure(410, 'Artifact has expired')
  return { status: 302, headers: { location: `${world.webUrl()}${world.transfers.createDownload(found.artifact.id)}` } }
}

function removeArtifact(call: RepositoryCall): Answer {
  const found = findArtifact(call)
  if (found === undefined) return notFound()
  deleteArtifact(call.world, found.run, found.artifact)
  return empty(204)
}
