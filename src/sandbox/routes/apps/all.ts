import type { GeneralRoute, RepositoryRoute } from '../../http/call.js'
import { appHookRoutes } from './app-hook.js'
import { appRepositoryRoutes, appRoutes } from './apps.js'
import { checkRunRoutes } from './check-runs.js'
import { installationTokenRoutes } from './installation-tokens.js'
import { manifestRoutes } from './manifest-conversions.js'

/** The endpoints of GitHub Apps that do not belong to a repository. */
export const appsGeneralRoutes: GeneralRoute[] = [
  ...appRoutes,
  ...appHookRoutes,
  ...installationTokenRoutes,
  ...manifestRoutes,
]

/** The endpoints of GitHub Apps below `/repos/{owner}/{repo}`. */
export const appsRepositoryRoutes: RepositoryRoute[] = [...appRepositoryRoutes, ...checkRunRoutes]
