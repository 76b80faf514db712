import type { Context } from '../cli/process/context.js'

/** The page behind our statuses: the CI run that orch is a step of, else the open pull requests of the change. */
export function statusLink(context: Context, serverUrl: string, branch: string | null): string {
  const { GITHUB_ACTIONS, GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID } = context.env
  if (GITHUB_ACTIONS === 'true' && GITHUB_SERVER_URL && GITHUB_REPOSITORY && GITHUB_RUN_ID) {
    return `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`
  }
  const query = `is:pr is:open${branch === null ? '' : ` head:${branch}`}`
  return `${serverUrl}/pulls?q=${encodeURIComponent(query)}`
}
