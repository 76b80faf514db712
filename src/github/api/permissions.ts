/** The permission that a request needs, and its wording. Source: GitHub's "Permissions required for fine-grained personal access tokens". */
export interface Need {
  /** In the form of the header `X-Accepted-GitHub-Permissions`: `statuses=write`. */
  permission: string
  /** The action, worded to follow "this token may not". */
  act: string
}

/** The permission for each kind of request that orch sends. */
export const needs = {
  readRepository: { permission: 'metadata=read', act: 'read anything' },
  readContents: { permission: 'contents=read', act: 'read branches and files' },
  readPullRequests: { permission: 'pull_requests=read', act: 'read pull requests' },
  readStatuses: { permission: 'statuses=read', act: 'read commit statuses' },
  postStatus: { permission: 'statuses=write', act: 'post commit statuses' },
  dispatchWorkflow: { permission: 'actions=write', act: 'dispatch workflows' },
  readRuns: { permission: 'actions=read', act: 'read workflow runs' },
  rerun: { permission: 'actions=write', act: 're-run workflow runs' },
  cancelRun: { permission: 'actions=write', act: 'cancel workflow runs' },
} as const satisfies Record<string, Need>

/** The permission for each kind of request that building a change does not need. */
export const serviceNeeds = {
  readPeople: { permission: 'metadata=read', act: 'read the permissions of people' },
  readComments: { permission: 'issues=read;pull_requests=read', act: 'read comments' },
  comment: { permission: 'issues=write;pull_requests=write', act: 'comment on pull requests' },
  sendEvents: { permission: 'contents=write', act: 'send repository events' },
  writeChecks: { permission: 'checks=write', act: 'write check runs' },
  readHooks: { permission: 'repository_hooks=read', act: 'read webhooks' },
  readOrganizationHooks: { permission: 'organization_hooks=read', act: 'read webhooks' },
  readApp: { permission: 'metadata=read', act: 'read the GitHub App and its installations' },
} as const satisfies Record<string, Need>

/** The permission for each kind of request that only `orch setup` sends. */
export const setupNeeds = {
  writeFiles: { permission: 'contents=write,workflows=write', act: 'write workflow files' },
  writePullRequests: { permission: 'pull_requests=write', act: 'open and close pull requests' },
  writeRulesets: { permission: 'administration=write', act: 'change rulesets' },
} as const satisfies Record<string, Need>

/**
 * `actions=write,contents=read` in GitHub's own words for the settings page: `Actions: write and Contents: read`.
 * Alternatives, which the header separates by semicolons, are joined by "or".
 */
export function describePermission(permission: string): string {
  return permission
    .split(';')
    .map((alternative) => alternative.split(',').map(describeOne).join(' and '))
    .join(' or ')
}

function describeOne(permission: string): string {
  const [name = '', access] = permission.trim().split('=')
  // Only this permission has a name on the settings page that differs from its name in the header.
  const words = name === 'statuses' ? 'commit statuses' : name.replaceAll('_', ' ')
  const label = words.charAt(0).toUpperCase() + words.slice(1)
  return access === undefined ? label : `${label}: ${access}`
}
