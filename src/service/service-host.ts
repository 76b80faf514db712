import type { Checks } from '../ports/host/checks.js'
import type { Comments } from '../ports/host/comments.js'
import type { EndedPullRequests } from '../ports/host/ended-pull-requests.js'
import type { Events } from '../ports/host/events.js'
import type { Hooks } from '../ports/host/hooks.js'
import type { Host } from '../ports/host/host.js'
import type { People } from '../ports/host/people.js'

/** Everything that the service needs of GitHub. Ports that only the service uses join here. */
export type ServiceHost = Host & People & Comments & Checks & EndedPullRequests & Hooks & Events
