import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { describePermission } from '../../../src/github/api/permissions.js'
import { appPermissions } from '../../../src/service/github-app/app-permissions.js'

test('the documentation lists exactly the permissions that the App asks for, and what each is for', async () => {
  const page = await readFile(new URL('../../../docs/authentication.md', import.meta.url), 'utf8')
  const [, section = ''] = /^## As a GitHub App\n(.*?)^## /msu.exec(page) ?? []
  const rows = [...section.matchAll(/^\| (.+?) +\| (.+?) +\| (yes|no) +\|$/gmu)].map(([, ...cells]) => cells)

  expect(rows).toEqual(
    appPermissions.map(({ name, access, purpose, isOptional }) => [
      describePermission(`${name}=${access}`),
      purpose,
      isOptional ? 'no' : 'yes',
    ]),
  )
})
