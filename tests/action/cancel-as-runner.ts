import { setTimeout } from 'node:timers/promises'
import type { BuiltCommand, Exit } from '../cli/support/built-command.js'
import type { LocalGitHub } from '../cli/support/local-github.js'

/** The signals of GitHub's runner, which reach only the process of the step, and the pauses after the first two, ms. */
const runnerSignals = [
  ['SIGINT', 7_500],
  ['SIGTERM', 2_500],
  ['SIGKILL', 0],
] as const

/** Ends a step as the runner does when its job is cancelled. Returns the signals that were necessary. */
export async function cancelAsRunner(program: BuiltCommand): Promise<{ exit: Exit; signals: string[] }> {
  const signals: string[] = []
  for (const [signal, pauseMs] of runnerSignals) {
    program.signal(signal)
    signals.push(signal)
    if (await endsWithin(program, pauseMs)) break
  }
  return { exit: await program.ended, signals }
}

async function endsWithin(program: BuiltCommand, ms: number): Promise<boolean> {
  const waiting = new AbortController()
  const late = setTimeout(ms, false, { signal: waiting.signal })
  try {
    return await Promise.race([program.ended.then(() => true), late])
  } finally {
    waiting.abort()
    await late.catch(() => undefined)
  }
}

export interface GitHubState {
  /** The conclusions of the runs, oldest first. */
  runs: (string | null)[]
  /** The states of the change, oldest first. */
  states: string[]
}

/** The state of GitHub when it has executed everything that it was asked to. */
export async function stateOf(github: LocalGitHub): Promise<GitHubState> {
  await github.sandbox.admin.idle()
  return { runs: github.conclusions(), states: github.states() }
}

/** The state after a cancellation: no build is running, and no pull request waits for one. */
export const closed: GitHubState = { runs: ['cancelled'], states: ['pending', 'error'] }
