import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { GlobalFlags } from '../flags/global-flags.js'
import type { Context } from './context.js'

/** The context as the flags change it; null: the folder to work in does not exist. */
export function withFlags(context: Context, { directory, color, quiet }: GlobalFlags): Context | null {
  const cwd = directory === undefined ? context.cwd : resolve(context.cwd, directory)
  if (directory !== undefined && statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true) return null
  const env = color === false ? { ...context.env, NO_COLOR: '1' } : context.env
  return { ...context, cwd, env, isQuiet: quiet === true }
}
