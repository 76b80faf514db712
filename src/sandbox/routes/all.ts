import type { GeneralRoute, RepositoryRoute } from '../http/call.js'
import { activityRoutes } from './activity.js'
import { appsGeneralRoutes, appsRepositoryRoutes } from './apps/all.js'
import { artifactRoutes } from './artifacts.js'
import { allCommentRoutes } from './comments/all.js'
import { commitRoutes } from './commits.js'
import { compareRoutes } from './compare.js'
import { contentRoutes } from './contents.js'
import { deploymentRoutes } from './deployments.js'
import { environmentRoutes } from './environments.js'
import { generalRoutes } from './general.js'
import { organizationHookRoutes } from './hooks/organization-hooks.js'
import { repositoryHookRoutes } from './hooks/repository-hooks.js'
import { listingRoutes } from './listings.js'
import { jobRoutes } from './jobs.js'
import { pullRoutes } from './pulls.js'
import { refRoutes } from './refs.js'
import { repositoryRoutes } from './repositories.js'
import { rulesetRoutes } from './rulesets.js'
import { runRoutes } from './runs.js'
import { statusRoutes } from './statuses.js'
import { workflowRoutes } from './workflows.js'

/** Every endpoint that does not belong to a repository. */
export const allGeneralRoutes: GeneralRoute[] = [
  ...generalRoutes,
  ...listingRoutes,
  ...organizationHookRoutes,
  ...appsGeneralRoutes,
]

/** Every endpoint below `/repos/{owner}/{repo}`. The first match answers. */
export const allRepositoryRoutes: RepositoryRoute[] = [
  ...repositoryRoutes,
  ...appsRepositoryRoutes,
  ...activityRoutes,
  ...refRoutes,
  ...statusRoutes,
  ...commitRoutes,
  ...compareRoutes,
  ...contentRoutes,
  ...pullRoutes,
  ...rulesetRoutes,
  ...workflowRoutes,
  ...runRoutes,
  ...jobRoutes,
  ...artifactRoutes,
  ...deploymentRoutes,
  ...environmentRoutes,
  ...allCommentRoutes,
  ...repositoryHookRoutes,
]

/** Lists method and path of each endpoint that the sandbox serves, in the notation of GitHub's OpenAPI description. */
export function servedEndpoints(): { method: string; path: string }[] {
  return [
    ...allGeneralRoutes.map(({ method, path }) => ({ method, path })),
    ...allRepositoryRoutes.map(({ method, path }) => ({ method, path: `/repos/{owner}/{repo}${path}` })),
  ]
}
