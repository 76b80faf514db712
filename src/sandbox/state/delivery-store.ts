import { appendFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { HookDelivery } from './hook.js'

/** The number of deliveries that are kept for each hook. */
const MAX_DELIVERIES = 1_000
/** IDs of github.com exceed 32 bits. */
const FIRST_ID = 20_000_000_001

/** Stores the newest deliveries of each hook. */
export interface DeliveryStore {
  newId(): number
  add(delivery: HookDelivery): void
  /** Returns the deliveries of a hook, oldest first. */
  of(hookId: number): readonly HookDelivery[]
  /** Removes the deliveries of a hook that was deleted. */
  remove(hookId: number): void
  /** Writes unsaved deliveries to disk. */
  flush(): void
}

export function createMemoryDeliveries(): DeliveryStore {
  return createStore(new Map(), { added: () => undefined, removed: () => undefined, flush: () => undefined })
}

/** One file per hook in a folder, one delivery per line. New deliveries stay in memory until `flush`. */
export function createDiskDeliveries(directory: string): DeliveryStore {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const kept = new Map<number, HookDelivery[]>()
  for (const name of readdirSync(directory).filter((each) => each.endsWith('.jsonl'))) {
    kept.set(Number.parseInt(name, 10), readDeliveries(join(directory, name)))
  }
  const unsaved = new Map<number, HookDelivery[]>()
  const linesOnDisk = new Map(Array.from(kept, ([hookId, { length }]) => [hookId, length]))
  const file = (hookId: number): string => join(directory, `${hookId}.jsonl`)
  const save = (hookId: number, added: HookDelivery[]): void => {
    const lines = (linesOnDisk.get(hookId) ?? 0) + added.length
    const isLong = lines > 2 * MAX_DELIVERIES
    if (isLong) replaceFile(file(hookId), textOf(kept.get(hookId) ?? []))
    else appendFileSync(file(hookId), textOf(added), { mode: 0o600 })
    linesOnDisk.set(hookId, isLong ? (kept.get(hookId)?.length ?? 0) : lines)
    unsaved.delete(hookId)
  }
  return createStore(kept, {
    added: (delivery) => void unsaved.set(delivery.hookId, [...(unsaved.get(delivery.hookId) ?? []), delivery]),
    removed(hookId) {
      unsaved.delete(hookId)
      linesOnDisk.delete(hookId)
      rmSync(file(hookId), { force: true })
    },
    flush() {
      for (const [hookId, added] of unsaved) save(hookId, added)
    },
  })
}

interface Disk {
  added(delivery: HookDelivery): void
  removed(hookId: number): void
  flush(): void
}

function createStore(kept: Map<number, HookDelivery[]>, disk: Disk): DeliveryStore {
  let nextId = [...kept.values()].flat().reduce((next, { id }) => Math.max(next, id + 1), FIRST_ID)
  return {
    newId: () => nextId++,
    add(delivery) {
      const deliveries = kept.get(delivery.hookId) ?? []
      deliveries.push(delivery)
      if (deliveries.length > MAX_DELIVERIES) deliveries.shift()
      kept.set(delivery.hookId, deliveries)
      disk.added(delivery)
    },
    of: (hookId) => kept.get(hookId) ?? [],
    remove(hookId) {
      kept.delete(hookId)
      disk.removed(hookId)
    },
    flush: () => disk.flush(),
  }
}

/** A process that is killed while it appends leaves a part of a line, which is dropped. */
function readDeliveries(path: string): HookDelivery[] {
  const text = readFileSync(path, 'utf8')
  const end = text.lastIndexOf('\n') + 1
  if (end < text.length) replaceFile(path, text.slice(0, end))
  const lines = text.slice(0, end).split('\n').slice(0, -1)
  return lines.slice(-MAX_DELIVERIES).map((line) => JSON.parse(line) as HookDelivery)
}

function textOf(deliveries: readonly HookDelivery[]): string {
  return deliveries.map((delivery) => `${JSON.stringify(delivery)}\n`).join('')
}

function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}
