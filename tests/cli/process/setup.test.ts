import { expect, test } from 'vitest'
import type { DoctorJson } from '../../../src/model/wire/doctor.js'
import type { SetupJson } from '../../../src/model/wire/setup.js'
import { runBuilt } from '../support/built-command.js'
import { oneJobGraph, WorkFolder } from '../support/work-folder.js'

test('the built orch doctor finds nothing that fails in the embedded GitHub, and orch setup knows what is there', async () => {
  await using folder = await WorkFolder.open(oneJobGraph)
  const doctor = await runBuilt(['doctor', '--sandbox', '--json'], { cwd: folder.path })
  expect({ code: doctor.code, stderr: doctor.stderr }).toEqual({ code: 0, stderr: '' })
  const { checks } = JSON.parse(doctor.stdout) as DoctorJson
  const syntax = checks.find(({ id }) => id === 'workflow-syntax')
  expect(syntax?.message).toBe("GitHub's parser finds no mistake")

  const setup = await runBuilt(['setup', '--sandbox', '--dry-run', '--json'], { cwd: folder.path })
  expect(setup.code).toBe(0)
  const { repositories } = JSON.parse(setup.stdout) as SetupJson
  expect(repositories.map(({ ruleset, result }) => `${ruleset ?? ''} ${result}`)).toEqual(['present unchanged'])
})
