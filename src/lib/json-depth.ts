/** How deep lists and objects may lie in each other: far below what the stack of a program that writes or reads them allows. */
export const maxJsonDepth = 500

/** Whether lists and objects lie in each other more than `maxJsonDepth` levels deep. */
export function isTooDeep(value: unknown, levels = maxJsonDepth): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  return Object.values(value).some((part) => isTooDeep(part, levels - 1))
}
