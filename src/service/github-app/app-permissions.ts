import type { GrantedPermissions } from '../../github/app/app-payload.js'

/** A permission of the GitHub App, as the service uses it. */
export interface AppPermission {
  /** GitHub's name of it in the API. */
  name: string
  access: 'read' | 'write'
  /** To follow "for". */
  purpose: string
  /** Whether the service works without it, and only leaves the purpose out. */
  isOptional: boolean
}

/** Every permission that the service uses, the necessary ones first. */
export const appPermissions: readonly AppPermission[] = [
  {
    name: 'actions',
    access: 'write',
    purpose: 'starting, reading, re-running and cancelling builds',
    isOptional: false,
  },
  { name: 'contents', access: 'read', purpose: 'reading branches and workflow files', isOptional: false },
  { name: 'pull_requests', access: 'read', purpose: 'reading the pull requests of a change', isOptional: false },
  { name: 'statuses', access: 'write', purpose: 'locking and unlocking pull requests', isOptional: false },
  {
    name: 'metadata',
    access: 'read',
    purpose: 'reading repositories and the permissions of people',
    isOptional: false,
  },
  { name: 'checks', access: 'write', purpose: 'a check run with the graph and the failed log lines', isOptional: true },
  { name: 'issues', access: 'write', purpose: 'receiving comments on pull requests', isOptional: true },
  { name: 'pull_requests', access: 'write', purpose: 'answering comments on pull requests', isOptional: true },
  { name: 'merge_queues', access: 'read', purpose: 'answering merge queues', isOptional: true },
  {
    name: 'members',
    access: 'read',
    purpose: 'the dashboard, for organizations with hidden members',
    isOptional: true,
  },
  {
    name: 'repository_hooks',
    access: 'read',
    purpose: 'finding deliveries of repository webhooks that failed while the service was down',
    isOptional: true,
  },
  {
    name: 'organization_hooks',
    access: 'read',
    purpose: 'finding deliveries of organization webhooks that failed while the service was down',
    isOptional: true,
  },
]

/** The webhook events that the App subscribes to. GitHub sends the events of installations without a subscription. */
export const appEvents = [
  'issue_comment',
  'merge_group',
  'pull_request',
  'push',
  'repository_dispatch',
  'status',
  'workflow_run',
] as const

/** The permissions that are not granted. */
export function missingPermissions(granted: GrantedPermissions): AppPermission[] {
  return appPermissions.filter(({ name, access }) => !isGranted(granted[name], access))
}

/** The permissions of a new App, by name, each with the strongest access that is used. */
export function wantedPermissions(): Record<string, 'read' | 'write'> {
  const wanted: Record<string, 'read' | 'write'> = {}
  for (const { name, access } of appPermissions)
    if (access === 'write' || wanted[name] === undefined) wanted[name] = access
  return wanted
}

function isGranted(granted: string | undefined, access: 'read' | 'write'): boolean {
  return granted === 'write' || granted === 'admin' || granted === access
}
