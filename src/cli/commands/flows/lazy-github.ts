import type { Messages } from '../../output/messages.js'
import type { Context } from '../../process/context.js'
import type { CommandGitHub } from './command-github.js'

/** Loads what it needs when a flow needs GitHub. Most commands about events do not. */
export function createLazyGitHub(context: Context, messages: Messages): CommandGitHub {
  let loading: Promise<CommandGitHub> | null = null
  const load = (): Promise<CommandGitHub> => {
    loading ??= import('./command-github.js').then((loaded) => loaded.createCommandGitHub(context, messages))
    return loading
  }
  return {
    problem: async () => (await load()).problem(),
    dispatch: async (event, step) => (await load()).dispatch(event, step),
    run: async (branch, step) => (await load()).run(branch, step),
    invalidate: async (pattern, step) => (await load()).invalidate(pattern, step),
    close: async () => (await loading)?.close(),
  }
}
