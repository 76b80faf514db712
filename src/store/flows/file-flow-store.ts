import { join } from 'node:path'
import { hideFromGit } from '../../lib/hide-from-git.js'
import type { Processes } from '../../lib/lock-file.js'
import type { FlowEvent } from '../../model/flow/flow-event.js'
import { openAttempt } from '../../model/flow/flow-progress.js'
import type { FlowRun } from '../../model/flow/flow-run.js'
import type { Clock } from '../../ports/clock.js'
import type { LocalFlowStore } from '../../ports/flow-store.js'
import { matchesEventQuery, matchesRunQuery, pageOf, positionLimit, startNextOf, summariesOf } from './flow-rules.js'
import type { Positioned } from './flow-rules.js'
import { createFolderLock } from './folder-lock.js'
import { ItemFolder } from './item-folder.js'
import { pruneFiles } from './prune-files.js'

export interface FileFlowStoreOptions {
  /** Absolute path of the state directory (`.orch`). */
  stateDirectory: string
  processes: Processes
  clock: Clock
}

/** A run, and the process that executes its running attempt; null: none has started it. */
interface KeptRun {
  run: FlowRun
  driver: { pid: number; start: string | null } | null
}

/** A store of events and runs in a folder, which several processes may use at the same time. */
export function createFileFlowStore({ stateDirectory, processes, clock }: FileFlowStoreOptions): LocalFlowStore {
  const directory = join(stateDirectory, 'events')
  const events = new ItemFolder<FlowEvent>(join(directory, 'events'))
  const runs = new ItemFolder<KeptRun>(join(directory, 'runs'))
  /** An empty item for each open run, under the name of its file: ended runs need not be read to find them. */
  const open = new ItemFolder<object>(join(directory, 'open'))
  const settings = new ItemFolder<{ disabled: readonly string[] }>(directory)
  const settingsFile = 'settings.json'
  const locked = createFolderLock({ directory, processes, clock })

  const readRun = async (id: string): Promise<{ name: string; kept: KeptRun } | null> => {
    const name = await runs.find(id)
    const kept = name === undefined ? null : await runs.read(name)
    return name === undefined || !kept ? null : { name, kept }
  }

  const readEvent = async (id: string): Promise<FlowEvent | null> => {
    const name = await events.find(id)
    return name === undefined ? null : events.read(name)
  }

  const addRuns = async (added: readonly FlowRun[]): Promise<void> => {
    for (const run of added) {
      const known = await runs.find(run.id)
      const name = known ?? (await runs.nextName(run.id))
      await open.write(name, {})
      await runs.write(name, { run, driver: null })
    }
  }

  const writeRun = async (name: string, kept: KeptRun): Promise<void> => {
    const isOpen = openAttempt(kept.run) !== null
    if (isOpen) await open.write(name, {})
    await runs.write(name, kept)
    if (!isOpen) await open.remove(name)
  }

  /** Removes the runs of events that were not kept, because a process ended in between. Called under the lock. */
  const removeOrphans = async (): Promise<void> => {
    for (const name of await open.names()) {
      const kept = await runs.read(name)
      if (kept && (await events.find(kept.run.eventId)) !== undefined) continue
      await runs.remove(name)
      await open.remove(name)
    }
  }

  /** The open runs of kept events, oldest first. */
  const readOpen = async (): Promise<{ name: string; kept: KeptRun }[]> => {
    const found: { name: string; kept: KeptRun }[] = []
    for (const name of await open.names()) {
      const kept = await runs.read(name)
      if (kept && (await events.find(kept.run.eventId)) !== undefined) found.push({ name, kept })
    }
    return found
  }

  const isAlive = ({ driver }: KeptRun): boolean =>
    driver !== null &&
    processes.isAlive(driver.pid) &&
    (driver.start === null || (processes.startOf?.(driver.pid) ?? driver.start) === driver.start)

  const listOfRuns = async function* (below: number): AsyncGenerator<Positioned<FlowRun>> {
    for await (const { position, item } of runs.newestFirst(below)) yield { position, item: item.run }
  }

  const disabledFlows = async (): Promise<Set<string>> => new Set((await settings.read(settingsFile))?.disabled ?? [])

  return {
    location: directory,
    accept: (event, started) =>
      locked(async () => {
        const known = await readEvent(event.id)
        if (known) return { kind: 'known', event: known }
        await hideFromGit(stateDirectory)
        await addRuns(started)
        // The event comes last: it is accepted once it is kept.
        await events.write(await events.nextName(event.id), event)
        return { kind: 'accepted' }
      }),
    readEvent,
    listEvents: (query) => pageOf(events.newestFirst(positionLimit(query.cursor)), query, matchesEventQuery(query)),
    addRuns: (eventId, added) =>
      locked(async () => {
        const name = await events.find(eventId)
        const event = name === undefined ? null : await events.read(name)
        if (name === undefined || !event) return false
        const kept = await Promise.all(added.map(({ id }) => runs.find(id)))
        await addRuns(added.filter((_run, index) => kept[index] === undefined))
        await events.write(name, { ...event, unmatched: null })
        return true
      }),
    readRun: async (id) => (await readRun(id))?.kept.run ?? null,
    listRuns: (query) => pageOf(listOfRuns(positionLimit(query.cursor)), query, matchesRunQuery(query)),
    summarizeRuns: async (eventIds) => {
      const all: FlowRun[] = []
      for await (const { item } of runs.newestFirst(positionLimit(undefined))) all.push(item.run)
      return summariesOf(all, eventIds)
    },
    updateRun: (id, change) =>
      locked(async () => {
        const found = await readRun(id)
        if (!found) return null
        const run = change(found.kept.run)
        if (run !== found.kept.run) await writeRun(found.name, { ...found.kept, run })
        return run
      }),
    startNext: (flow, options) =>
      locked(async () => {
        const ofFlow = (await readOpen()).filter(({ kept }) => kept.run.flow === flow)
        const next = startNextOf(
          ofFlow.map(({ kept }) => kept.run),
          options,
        )
        const name = ofFlow.find(({ kept }) => kept.run.id === next?.id)?.name
        if (!next || name === undefined) return null
        const { pid } = processes
        await writeRun(name, { run: next, driver: { pid, start: processes.startOf?.(pid) ?? null } })
        return next
      }),
    openRuns: async () => (await readOpen()).map(({ kept }) => kept.run),
    abandonedRuns: () =>
      // Under the lock, so that no other process is between its start and its first writing.
      locked(async () => {
        await removeOrphans()
        const kept = (await readOpen()).map((found) => found.kept)
        return kept
          .filter((each) => openAttempt(each.run)?.status === 'running' && !isAlive(each))
          .map(({ run }) => run)
      }),
    prune: (before) => locked(() => pruneFiles({ events, runs, before })),
    disabledFlows,
    setDisabled: (flow, isDisabled) =>
      locked(async () => {
        const disabled = await disabledFlows()
        if (isDisabled) disabled.add(flow)
        else disabled.delete(flow)
        await settings.write(settingsFile, { disabled: [...disabled].sort() })
      }),
  }
}
