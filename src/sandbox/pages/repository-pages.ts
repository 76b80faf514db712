import { latestCheckRuns } from '../checks/check-runs.js'
import { commentsOf } from '../comments/find-comments.js'
import { currentAttempt } from '../core/runs.js'
import { latestStatuses } from '../core/rules.js'
import type { Repository } from '../state/model.js'
import type { World } from '../world.js'
import { inPath } from '../present/common.js'
import { LOG_FOLDER } from '../http/log-links.js'
import { escape, link, list, page } from './html.js'

/** Serves web pages for people who follow a link: plain HTML, read only, public repositories only. Null if there is no such page. */
export async function servePage(world: World, path: string, search: string): Promise<Response | null> {
  if (path === '/') return page('Repositories', indexBody(world))
  if (path === '/pulls') return page('Pull requests', pullsBody(world, search))
  if (path.startsWith(LOG_FOLDER)) return logText(world, path.slice(LOG_FOLDER.length))
  const [owner = '', name = '', kind, ...rest] = path.slice(1).split('/').map(safeDecode)
  const repository = world.directory.repository(owner, name) ?? world.directory.renamedRepository(owner, name)
  if (repository === undefined || repository.private) return null
  if (kind === undefined) return page(world.directory.fullName(repository), await repositoryBody(world, repository))
  if (kind === 'pull') return pullPage(world, repository, Number(rest[0]))
  if (kind === 'actions' && rest[0] === 'runs') return runPage(world, repository, Number(rest[1]))
  return null
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return text
    throw error
  }
}

function indexBody(world: World): string {
  const names = [...world.directory.state.repositories.values()]
    .filter((repository) => !repository.private)
    .map((repository) => world.directory.fullName(repository))
  return list(names.map((name) => link(`/${name}`, name)))
}

/** GitHub's page accepts many more qualifiers; only `is:open` and `head:` appear in links that orch prints. */
function pullsBody(world: World, search: string): string {
  const words = (new URLSearchParams(search).get('q') ?? '').split(' ')
  const head = words.find((word) => word.startsWith('head:'))?.slice('head:'.length)
  const found = [...world.directory.state.repositories.values()]
    .filter((repository) => !repository.private)
    .flatMap((repository) =>
      [...repository.pulls.values()].map((pull) => ({ name: world.directory.fullName(repository), pull })),
    )
    .filter(
      ({ pull }) =>
        (head === undefined || pull.headRef === head) && (!words.includes('is:open') || pull.state === 'open'),
    )
  return list(
    found.map(({ name, pull }) => {
      const title = `${name}#${pull.number} ${pull.title}`
      return `${link(`/${inPath(name)}/pull/${pull.number}`, title)} (${escape(pullState(pull))})`
    }),
  )
}

async function repositoryBody(world: World, repository: Repository): Promise<string> {
  const address = `/${world.directory.fullName(repository)}`
  const refs = await world.git.listRefs(repository.id, 'refs/heads/')
  const branches = refs.map(({ name, sha }) => `${escape(name.slice(11))} <code>${escape(sha.slice(0, 7))}</code>`)
  const pulls = [...repository.pulls.values()].toReversed().map((pull) => {
    return `${link(`${address}/pull/${pull.number}`, `#${pull.number} ${pull.title}`)} (${escape(pullState(pull))})`
  })
  const runs = repository.runIds
    .slice(-30)
    .reverse()
    .map((id) => runLine(world, address, id))
  return `<p><code>git clone ${escape(`${world.webUrl()}${address}.git`)}</code></p>
<h2>Branches</h2>${list(branches)}<h2>Pull requests</h2>${list(pulls)}<h2>Workflow runs</h2>${list(runs)}`
}

function runLine(world: World, address: string, id: number): string {
  const run = world.directory.state.runs.get(id)
  if (run === undefined) return escape(id)
  const { status, conclusion } = currentAttempt(run)
  const title = `${run.workflowName} #${run.runNumber}: ${run.displayTitle}`
  return `${link(`${address}/actions/runs/${id}`, title)} (${escape(conclusion ?? status)})`
}

function pullState(pull: { state: string; mergedAt: number | null; draft: boolean }): string {
  if (pull.mergedAt !== null) return 'merged'
  return pull.draft && pull.state === 'open' ? 'draft' : pull.state
}

function pullPage(world: World, repository: Repository, number: number): Response | null {
  const pull = repository.pulls.get(number)
  if (pull === undefined) return null
  const statuses = latestStatuses(repository, pull.headSha).map((status) => {
    const text = `${status.context}: ${status.state}${status.description === null ? '' : `, ${status.description}`}`
    const isWeb = /^https?:\/\//i.test(status.targetUrl ?? '')
    return isWeb && status.targetUrl !== null ? link(status.targetUrl, text) : escape(text)
  })
  const checks = latestCheckRuns(repository, pull.headSha).map((run) => {
    return escape(`${run.name}: ${run.conclusion ?? run.status}${run.output === null ? '' : `, ${run.output.title}`}`)
  })
  const comments = commentsOf(repository, number).map((comment) => {
    const { login } = world.directory.accountById(comment.authorId)
    const reactions = comment.reactions.map(({ content }) => escape(content)).join(' ')
    return `<p id="issuecomment-${comment.id}">${escape(login)}: ${reactions}</p><pre>${escape(comment.body)}</pre>`
  })
  const name = world.directory.fullName(repository)
  return page(
    `${pull.title} #${pull.number}`,
    `<p>${link(`/${inPath(name)}`, name)}: ${escape(pullState(pull))}, ${escape(`${pull.headOwner}:${pull.headRef}`)} into ${escape(pull.baseRef)},
head <code>${escape(pull.headSha)}</code></p><p>${escape(pull.body ?? '')}</p><h2>Statuses</h2>${list(statuses)}
<h2>Check runs</h2>${list(checks)}<h2>Comments</h2>${list(comments)}`,
  )
}

function runPage(world: World, repository: Repository, id: number): Response | null {
  const run = world.directory.state.runs.get(id)
  if (run?.repositoryId !== repository.id) return null
  const name = world.directory.fullName(repository)
  const jobs = currentAttempt(run).jobs.map(({ id: jobId, state }) => {
    const log = (world.logs.read(jobId) ?? []).map(escape).join('\n')
    return `<h2>${escape(state.name)}: ${escape(state.conclusion ?? state.status)}</h2><pre>${log}</pre>`
  })
  const { status, conclusion, number } = currentAttempt(run)
  return page(
    `${run.workflowName} #${run.runNumber}: ${run.displayTitle}`,
    `<p>${link(`/${inPath(name)}`, name)}: ${escape(conclusion ?? status)}, attempt ${escape(number)}, ${escape(run.ref)} at
<code>${escape(run.headSha)}</code></p>${jobs.join('')}`,
  )
}

function logText(world: World, key: string): Response | null {
  const jobId = world.logLinks.open(key)
  const lines = jobId === null ? null : world.logs.read(jobId)
  if (lines === null) return null
  const text = lines.map((line) => `${line}\n`).join('')
  return new Response(text, {
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  })
}
