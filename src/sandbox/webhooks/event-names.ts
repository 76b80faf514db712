import type { Hook, HookOwner } from '../state/hook.js'

/** Events for hooks of repositories, organizations and Apps, as GitHub's description of its webhooks lists them. */
const COMMON_EVENTS = `branch_protection_configuration branch_protection_rule check_run check_suite code_scanning_alert commit_comment create
  custom_property_values delete dependabot_alert deploy_key deployment deployment_status discussion discussion_comment fork gollum issue_comment
  issue_dependencies issues label member meta milestone package page_build project project_card project_column public pull_request
  pull_request_review pull_request_review_comment pull_request_review_thread push registry_package release repository repository_advisory
  repository_import repository_ruleset repository_vulnerability_alert secret_scanning_alert secret_scanning_alert_location secret_scanning_scan
  security_and_analysis star status sub_issues team_add watch workflow_job workflow_run`

const ORGANIZATION_EVENTS = `custom_property membership org_block organization personal_access_token_request projects_v2 projects_v2_item
  projects_v2_status_update team`

const APP_EVENTS = `custom_property deployment_protection_rule deployment_review membership merge_group org_block organization
  personal_access_token_request repository_dispatch security_advisory team workflow_dispatch`

/** Events that an App receives without a subscription. */
const EVENTS_OF_EVERY_APP = 'github_app_authorization installation installation_repositories installation_target'

const EVENTS: Record<HookOwner['type'], ReadonlySet<string>> = {
  repository: names(COMMON_EVENTS),
  organization: names(COMMON_EVENTS, ORGANIZATION_EVENTS),
  app: names(COMMON_EVENTS, APP_EVENTS),
}
const always = names(EVENTS_OF_EVERY_APP)

function names(...lists: string[]): ReadonlySet<string> {
  return new Set(lists.flatMap((list) => list.split(/\s+/)))
}

/** Whether a hook of this kind can subscribe to an event. Only Apps get `merge_group`, `repository_dispatch` and `workflow_dispatch`. */
export function isEventOf(type: HookOwner['type'], event: string): boolean {
  return event === '*' || EVENTS[type].has(event)
}

/** Whether a hook subscribes to an event. */
export function receives({ owner, events }: Hook, event: string): boolean {
  if (owner.type === 'app' && always.has(event)) return true
  return EVENTS[owner.type].has(event) && (events.includes(event) || events.includes('*'))
}
