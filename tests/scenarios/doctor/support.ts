import { expect } from 'vitest'
import { wantedPermissions } from '../../../src/service/github-app/app-permissions.js'
import type { CheckJson, DoctorJson } from '../../../src/model/wire/doctor.js'
import { createSchemaCheck } from '../../report/support/schemas.js'
import { markedWorkflow } from '../../support/example-graph.js'
import { Scene } from '../../support/scene.js'
import type { SceneCommandOptions, SceneOptions } from '../../support/scene.js'

const path = '.github/workflows/build.yml'
export const repositories = ['repoA', 'repoB', 'repoC', 'repoD', 'repoE']

export interface Examined {
  code: number
  checks: readonly CheckJson[]
  /** The checks that are not ok, as `status id repository`, without the owner. */
  wrong: string[]
}

/** Runs `orch doctor --json`. */
export async function examined(scene: Scene, words = '', options: SceneCommandOptions = {}): Promise<Examined> {
  const { code, stdout, stderr } = await scene.orch(`doctor --json ${words}`, options)
  expect(stderr).toBe('')
  const document = JSON.parse(stdout) as DoctorJson
  expect(createSchemaCheck('doctor')(document)).toEqual([])
  const { checks } = document
  expect(checks.filter(({ status, fix }) => (status === 'ok') !== (fix === null))).toEqual([])
  const wrong = checks
    .filter(({ status }) => status !== 'ok')
    .map(({ status, id, repository }) => `${status} ${id} ${repository?.replace('acme/', '') ?? ''}`.trim())
  return { code, checks, wrong }
}

/** The only answer to a question, of one repository if it is named. */
export function answer({ checks }: Examined, id: CheckJson['id'], repository?: string): CheckJson {
  const found = checks.filter((check) => {
    return check.id === id && (repository === undefined || check.repository === `acme/${repository}`)
  })
  const [only] = found
  if (only === undefined || found.length > 1) throw new Error(`${found.length} answers to ${id}`)
  return only
}

/**
 * A graph whose setup is right in every way: the workflows carry the marker, and the rule counts only the statuses of the App `orch`, whose
 * token is in `env`.
 */
export async function healthy(
  options: SceneOptions = {},
): Promise<AsyncDisposable & { scene: Scene; env: Record<string, string> }> {
  const scene = await Scene.open({ ...options, unprotected: repositories })
  const { admin } = scene.sandbox
  const { id } = await admin.createApp({ name: 'Orch', owner: 'acme', permissions: wantedPermissions() })
  admin.installApp('orch', 'acme')
  for (const name of repositories) {
    await scene.push(name, 'main', { [path]: markedWorkflow })
    if (options.unprotected?.includes(name) !== true)
      admin.requireStatus(`acme/${name}`, 'orchestrator-build', { appId: id })
  }
  const env = { GH_ENTERPRISE_TOKEN: admin.createInstallationToken('orch', 'acme') }
  return { scene, env, [Symbol.asyncDispose]: () => scene.close() }
}
