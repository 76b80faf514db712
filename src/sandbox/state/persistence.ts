import { existsSync, fsyncSync, openSync, closeSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { isObject } from '../http/body.js'
import type { App } from './app-model.js'
import type { Environment, Repository } from './model.js'
import type { State } from './state.js'
import { emptyState } from './state.js'

const FILE = 'state.json'
const PREVIOUS = 'state.previous.json'
const FORMAT = 1

/** A state read from disk, with the problems found in its files. */
export interface LoadedState {
  state: State
  /** Messages for the person who started the sandbox. */
  warnings: string[]
  /** True if both state files were damaged, so that the git repositories on disk belong to no state. */
  lost: boolean
}

/** Reads the state in a folder: the newest file, the previous file if the newest is damaged, or else an empty state. */
export function loadState(directory: string): LoadedState {
  const warnings: string[] = []
  let damaged = false
  for (const name of [FILE, PREVIOUS]) {
    const path = join(directory, name)
    if (!existsSync(path)) continue
    const read = parseState(readFileSync(path, 'utf8'))
    if (read.ok) return { state: read.state, warnings, lost: false }
    damaged = true
    renameSync(path, `${path}.damaged`)
    warnings.push(`${path} is damaged (${read.problem}); it was renamed to ${name}.damaged.`)
  }
  if (damaged) warnings.push('No earlier state could be read, so the sandbox starts empty.')
  return { state: emptyState(), warnings, lost: damaged }
}

/** Replaces the state in a folder atomically. A reader gets the old state or the new one, never a part. The old file is kept as a backup. */
export function saveState(directory: string, state: State): void {
  const path = join(directory, FILE)
  const fresh = `${path}.new`
  const file = openSync(fresh, 'w', 0o600)
  try {
    writeFileSync(file, JSON.stringify({ format: FORMAT, state }, mapsAsLists))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  if (existsSync(path)) renameSync(path, join(directory, PREVIOUS))
  renameSync(fresh, path)
}

function mapsAsLists(_key: string, value: unknown): unknown {
  return value instanceof Map ? { $map: [...(value as Map<unknown, unknown>)] } : value
}

function listsAsMaps(_key: string, value: unknown): unknown {
  return isObject(value) && Array.isArray(value.$map) ? new Map(value.$map as [unknown, unknown][]) : value
}

/** The collections that a state file from an earlier version lacks. */
const NEWER = ['hooks', 'apps', 'installations', 'codes', 'refreshTokens'] as const

/** An App of a state file from an earlier version has one key, or none. */
function withKeys(app: App & { publicKey?: string | null }): App {
  const { publicKey = null, ...rest } = app
  return { ...rest, publicKeys: (app as Partial<App>).publicKeys ?? (publicKey === null ? [] : [publicKey]) }
}

/** A state file from an earlier version has no topics, activities, merge queues, environments, comments, check runs or roles. Its users had every permission. */
function complete(state: State): State {
  for (const repository of state.repositories.values()) {
    repository.topics = (repository as Partial<Repository>).topics ?? []
    repository.activities = (repository as Partial<Repository>).activities ?? []
    repository.mergeQueue = (repository as Partial<Repository>).mergeQueue ?? []
    repository.environments = (repository as Partial<Repository>).environments ?? new Map<string, Environment>()
    if ((repository as Partial<Repository>).collaborators !== undefined) continue
    Object.assign(repository, { collaborators: new Map(), comments: new Map(), checkRuns: new Map() })
    for (const account of state.accounts.values()) if (account.type === 'User') account.baseRole ??= 'admin'
  }
  for (const [id, app] of state.apps) state.apps.set(id, withKeys(app))
  return state
}

function parseState(text: string): { ok: true; state: State } | { ok: false; problem: string } {
  let value: unknown
  try {
    value = JSON.parse(text, listsAsMaps)
  } catch (error) {
    if (error instanceof SyntaxError) return { ok: false, problem: error.message }
    throw error
  }
  if (!isObject(value) || !isObject(value.state)) return { ok: false, problem: 'it holds no state' }
  if (value.format !== FORMAT) return { ok: false, problem: `it has the format ${JSON.stringify(value.format)}` }
  const { state } = value
  for (const name of NEWER) state[name] ??= new Map()
  const incomplete = Object.entries(emptyState()).find(([name, empty]) => {
    return empty instanceof Map ? !(state[name] instanceof Map) : typeof state[name] !== 'number'
  })
  if (incomplete !== undefined) return { ok: false, problem: `it lacks ${incomplete[0]}` }
  return { ok: true, state: complete(state as unknown as State) }
}
