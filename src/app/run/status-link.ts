import type { Environment } from '../environment.js'

export interface StatusLinkOptions {
  env: Environment
  /** Root of GitHub's pages, without a slash at the end. */
  serverUrl: string
  /** Null: all branches. */
  branch: string | null
}

/** The page that our commit statuses link to: the CI run that orch is a step of, else the open pull requests of the change. */
export function statusLink({ env, serverUrl, branch }: StatusLinkOptions): string {
  const { GITHUB_ACTIONS, GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID } = env
  if (GITHUB_ACTIONS === 'true' && GITHUB_SERVER_URL && GITHUB_REPOSITORY && GITHUB_RUN_ID) {
    return `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`
  }
  const query = `is:pr is:open${branch === null ? '' : ` head:${branch}`}`
  return `${serverUrl}/pulls?q=${encodeURIComponent(query)}`
}
