import { expect } from 'vitest'
import type { Scene } from './scene.js'

/** Opens a pull request for the branch of the change. Returns its number. */
export function openPull(scene: Scene, name: string, more: { draft?: boolean; base?: string } = {}): Promise<number> {
  return scene.sandbox.admin.openPull(`acme/${name}`, { head: 'DPTA-1', ...more })
}

/** Opens a closed pull request again, as its author. */
export async function reopenPull(scene: Scene, name: string, number: number): Promise<void> {
  const url = `http://127.0.0.1:9/repos/acme/${name}/pulls/${number}`
  const headers = { authorization: `Bearer ${scene.sandbox.token}` }
  const body = JSON.stringify({ state: 'open' })
  expect((await scene.sandbox.fetch(new Request(url, { method: 'PATCH', headers, body }))).status).toBe(200)
}
