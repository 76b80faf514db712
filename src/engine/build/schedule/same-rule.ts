import type { Orchestration } from '../../../model/build/orchestration.js'

/** The fields that the incremental decider tracks by itself, and `lastAt`, which no decision reads. */
const tracked: readonly (keyof Orchestration)[] = ['jobs', 'posts', 'lastAt']

/** Whether two versions of an orchestration differ only in their jobs and posts. */
export function isSameFrame(one: Orchestration, other: Orchestration): boolean {
  const names = Object.keys(other) as (keyof Orchestration)[]
  return names.every((name) => one[name] === other[name] || tracked.includes(name))
}

/** Whether two rules are equal. Functions are not compared: they compute texts, which do not change the pending actions. */
export function isSameRule(one: unknown, other: unknown): boolean {
  if (one === other || (typeof one === 'function' && typeof other === 'function')) return true
  if (!isRecord(one) || !isRecord(other)) return false
  const names = Object.keys(one)
  return names.length === Object.keys(other).length && names.every((name) => isSameRule(one[name], other[name]))
}

/** Whether a value is compared by its fields. Lists and sets are compared by identity. */
function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
