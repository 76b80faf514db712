import { undecodable } from '../../apps/json-web-token.js'
import type { Result } from '../../http/answer.js'
import { found, notFound, refuse } from '../../http/answer.js'
import type { Call } from '../../http/call.js'
import type { App, Installation } from '../../state/app-model.js'

/** Returns the App that authenticates with a JSON Web Token. Any other credential is refused with 401. */
export function requireApp({ world, actor }: Call): Result<App> {
  const scope = actor?.token.scope
  const app = scope?.kind === 'app' ? world.directory.state.apps.get(scope.appId) : undefined
  return app === undefined ? undecodable() : found(app)
}

/** Returns the App and its installation that the path names. */
export function requireInstallation(call: Call): Result<{ app: App; installation: Installation }> {
  const app = requireApp(call)
  if (!app.ok) return app
  const installation = call.world.directory.state.installations.get(Number(call.params.installation_id))
  if (installation?.appId !== app.value.id) return refuse(notFound())
  return found({ app: app.value, installation })
}
