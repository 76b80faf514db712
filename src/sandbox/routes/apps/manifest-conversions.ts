import { redeemCode } from '../../apps/codes.js'
import { generateSecrets, hookOfApp } from '../../apps/create-app.js'
import type { Answer } from '../../http/answer.js'
import { json, notFound } from '../../http/answer.js'
import type { Call, GeneralRoute } from '../../http/call.js'
import { presentApp } from '../../present/app.js'

/** The last step of creating an App from a manifest. The code is the only credential. */
export const manifestRoutes: GeneralRoute[] = [
  { method: 'POST', path: '/app-manifests/{code}/conversions', handle: convert },
]

async function convert({ world, params }: Call): Promise<Answer> {
  const code = redeemCode(world, 'manifest', params.code ?? '')
  const app = code === null ? undefined : world.directory.state.apps.get(code.appId)
  if (app === undefined) return notFound()
  const { privateKey, clientSecret } = await generateSecrets(world, app)
  const webhookSecret = hookOfApp(world, app.id)?.config.secret ?? null
  const secrets = { client_secret: clientSecret, webhook_secret: webhookSecret, pem: privateKey }
  return json({ ...presentApp(world, app), ...secrets }, 201)
}
