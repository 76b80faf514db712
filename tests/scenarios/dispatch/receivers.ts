import { Scene } from '../../support/scene.js'

/** The title of its runs shows the id of the event. */
export const markedReceiver = `name: docs
run-name: "docs [\${{ github.event.client_payload.orch_id }}]"
on: { repository_dispatch: { types: [published] } }
jobs: { docs: { runs-on: x, steps: [{ run: "true" }] } }
`

/** Its runs cannot be told apart by their titles. */
export const plainReceiver = markedReceiver.replace(/^run-name.*\n/mu, '')

/** A scene with the repositories `acme/docs` and `acme/website`, whose only workflow waits for the event `published`. */
export async function sceneWithReceivers(receiver = markedReceiver, env: Record<string, string> = {}): Promise<Scene> {
  const scene = await Scene.open({ graph: 'version: 1\nowner: acme\nbranches: DPTA-*\njobs: { repoA: {} }\n', env })
  for (const name of ['docs', 'website']) {
    await scene.sandbox.admin.createRepository(`acme/${name}`)
    await scene.sandbox.admin.commit(`acme/${name}`, 'main', { '.github/workflows/docs.yml': receiver })
  }
  return scene
}

/** The bodies of the events that reached GitHub. */
export function sentEvents(scene: Scene): { path: string; body: unknown }[] {
  return scene.sandbox.requests.flatMap(({ method, path, body }) =>
    method === 'POST' && path.endsWith('/dispatches') ? [{ path, body }] : [],
  )
}

/** Another event of the same user, which starts a run at the same time. */
export async function sendAnother(scene: Scene, repo = 'docs'): Promise<void> {
  const response = await scene.sandbox.fetch(
    new Request(`http://127.0.0.1:9/repos/acme/${repo}/dispatches`, {
      method: 'POST',
      headers: { authorization: `Bearer ${scene.sandbox.token}` },
      body: JSON.stringify({ event_type: 'published', client_payload: {} }),
    }),
  )
  if (response.status !== 204) throw new Error(`the other event was answered with ${response.status}`)
}
