import type { Orchestration } from '../../../model/build/orchestration.js'

/** What an agenda follows by itself; `lastAt` is no reason for anything. */
const followed: readonly (keyof Orchestration)[] = ['jobs', 'posts', 'lastAt']

/** Whether two versions of an orchestration are the same but for its jobs and posts. */
export function isSameFrame(one: Orchestration, other: Orchestration): boolean {
  const names = Object.keys(other) as (keyof Orchestration)[]
  return names.every((name) => one[name] === other[name] || followed.includes(name))
}

/** Whether two rules say the same. What they would only tell (functions) is not compared: it changes nothing of what is due. */
export function isSameRule(one: unknown, other: unknown): boolean {
  if (one === other || (typeof one === 'function' && typeof other === 'function')) return true
  if (!isRecord(one) || !isRecord(other)) return false
  const names = Object.keys(one)
  return names.length === Object.keys(other).length && names.every((name) => isSameRule(one[name], other[name]))
}

/** Lists and sets are told apart by what they are, not by what they hold. */
function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
