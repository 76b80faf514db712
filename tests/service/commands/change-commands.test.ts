import { describe, expect, test } from 'vitest'
import type { Concurrency } from '../../../src/model/service-settings.js'
import { createChangeCommands } from '../../../src/service/commands/create-change-commands.js'
import type { ChangeCommands } from '../../../src/service/commands/change-commands.js'
import type { NewWorkload, Workloads } from '../../../src/service/workloads/workload.js'
import { AppWorld, serverUrl } from '../../support/app-door.js'

function commandsOf(world: AppWorld, concurrency?: Concurrency): { commands: ChangeCommands; queued: NewWorkload[] } {
  const queued: NewWorkload[] = []
  const workloads: Pick<Workloads, 'enqueue'> = {
    enqueue: (workload) => {
      queued.push(workload)
      return Promise.resolve({ kind: 'created' })
    },
  }
  const { ports } = world.process('service')
  const commands = createChangeCommands({
    ...ports,
    graph: { ...world.graph, ...(concurrency ? { concurrency } : {}) },
    host: ports.host,
    workloads: workloads as Workloads,
    serverUrl,
    linkTo: (branch) => `${serverUrl}/changes/${branch}`,
  })
  return { commands, queued }
}

describe('a run that the service queues', () => {
  test('names the members of its change where orchestrations in one repository are limited', async () => {
    await using world = await AppWorld.open()
    await world.change('repoB', 'DPTA-1')
    await world.change('repoD', 'DPTA-1')
    const { commands, queued } = commandsOf(world, { inAll: null, perRepository: 1 })
    await world.clock.until(commands.run('DPTA-1', '@ada', 'event-1'))
    expect(queued.map(({ id, work }) => [id, work])).toMatchObject([
      ['event-1', { kind: 'run', branch: 'DPTA-1', by: '@ada', repositories: ['acme/repoB', 'acme/repoD'] }],
    ])
  })

  test('reads nothing of GitHub where they are not limited', async () => {
    await using world = await AppWorld.open()
    const { commands, queued } = commandsOf(world)
    await world.clock.until(commands.run('DPTA-1', '@ada', 'event-1'))
    expect(queued).toMatchObject([{ work: { repositories: [] } }])
    expect(world.sandbox.requests).toEqual([])
  })

  test('is refused for a branch that is no change', async () => {
    await using world = await AppWorld.open()
    const { commands, queued } = commandsOf(world)
    expect(await commands.run('feature', '@ada', 'event-1')).toMatchObject({ kind: 'stopped' })
    expect(queued).toEqual([])
  })
})
