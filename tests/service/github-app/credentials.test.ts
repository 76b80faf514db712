import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readAppCredentials } from '../../../src/service/github-app/app-credentials.js'
import { readAppFile, writeAppFile, type AppFile } from '../../../src/service/github-app/app-file.js'
import { appKeys } from '../support/app-server.js'

const key = appKeys.privateKey
const stored: AppFile = {
  appId: '9',
  slug: 'orch',
  url: 'https://github.test/apps/orch',
  privateKey: key,
  webhookSecret: 'w',
  clientId: 'c',
  clientSecret: 's',
}

let directory = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'orch-app-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

function read(env: Record<string, string>): ReturnType<typeof readAppCredentials> {
  return readAppCredentials({ env, directory, appFile: join(directory, 'app.json') })
}

/** The message, the reason and the remedy of the only problem. */
async function problemOf(env: Record<string, string>): Promise<string> {
  const result = await read(env)
  if (result.ok) throw new Error('there is no problem')
  return result.problems.map(({ message, why, remedy }) => `${message}: ${why}. ${remedy}`).join('\n')
}

test('without variables and a stored App there is no App', async () => {
  expect(await read({})).toEqual({ ok: true, value: null })
})

test('the key is a text, a text with escaped line breaks, or the path of a file', async () => {
  await writeFile(join(directory, 'app.pem'), key)

  for (const text of [key, key.replaceAll('\n', String.raw`\n`), 'app.pem', join(directory, 'app.pem')]) {
    const result = await read({ ORCH_APP_ID: ' 7 ', ORCH_APP_PRIVATE_KEY: text })
    expect(result.ok && result.value?.id).toBe('7')
    expect(result.ok && result.value?.privateKey.trim()).toBe(key.trim())
  }
})

test('the App that orch serve --setup stored is used, unless variables name another one', async () => {
  await writeAppFile(join(directory, 'app.json'), stored)

  expect(await read({})).toEqual({ ok: true, value: { id: '9', privateKey: key } })
  expect(await read({ ORCH_APP_ID: '7', ORCH_APP_PRIVATE_KEY: key })).toMatchObject({ value: { id: '7' } })
})

test('one variable without the other is a problem', async () => {
  expect(await problemOf({ ORCH_APP_ID: '7' })).toContain('ORCH_APP_ID is set without ORCH_APP_PRIVATE_KEY')
  expect(await problemOf({ ORCH_APP_PRIVATE_KEY: key })).toContain('Set ORCH_APP_ID too.')
})

test('an unusable id or key is a problem that never quotes the key', async () => {
  const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const ecKey = elliptic.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const cut = key.slice(0, 300)

  expect(await problemOf({ ORCH_APP_ID: 'a b', ORCH_APP_PRIVATE_KEY: key })).toContain('is not the id of a GitHub App')
  expect(await problemOf({ ORCH_APP_ID: '7', ORCH_APP_PRIVATE_KEY: ecKey })).toContain('a key of the kind ec, not RSA')
  const problems = [
    await problemOf({ ORCH_APP_ID: '7', ORCH_APP_PRIVATE_KEY: cut }),
    await problemOf({ ORCH_APP_ID: '7', ORCH_APP_PRIVATE_KEY: key.split('\n').slice(1).join('') }),
  ]
  expect(problems[0]).toContain('not a private key in PEM format')
  expect(problems[1]).toMatch(
    /neither a key in PEM format, nor the path of a file that can be read \((ENOENT|ENAMETOOLONG)\)/u,
  )
  for (const problem of problems) expect(problem).not.toContain(key.split('\n')[1])
})

test('the stored App is readable for its owner only, also over an older file', async () => {
  const path = join(directory, 'state', 'app.json')
  await writeAppFile(path, stored)
  await writeAppFile(path, { ...stored, slug: 'other' })

  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readAppFile(path)).toEqual({ kind: 'read', file: { ...stored, slug: 'other' } })
})

test('a damaged file of the App is a problem that does not quote it', async () => {
  await writeFile(join(directory, 'app.json'), '{"appId":"9","privateKey":"SECRET')

  expect(await problemOf({})).toContain('is damaged')
  expect(await problemOf({})).not.toContain('SECRET')
})
