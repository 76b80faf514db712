/** What people can ask for about one change. */
export type CommandName = 'run' | 'plan' | 'status' | 'cancel' | 'invalidate'

export const commandNames: readonly CommandName[] = ['run', 'plan', 'status', 'cancel', 'invalidate']

export type ParsedCommand =
  /** `branch` null: none was named. */
  | { kind: 'command'; name: CommandName; branch: string | null }
  /** `/orch` alone, or `/orch help`. */
  | { kind: 'help' }
  /** Untrusted text. */
  | { kind: 'unknown'; text: string }

/** A command with the line that it was written in, which is untrusted text. */
export interface WrittenCommand {
  line: string
  command: ParsedCommand
}

/**
 * The first command of a comment: a line whose first word is `/orch`. Lines inside fenced or indented code are examples, and quoted lines begin with `>`.
 * Null: the comment has no command.
 */
export function parseComment(body: string): WrittenCommand | null {
  let fence: string | null = null
  for (const line of body.split(/\r\n|\r|\n/u)) {
    const marker = /^ {0,3}(`{3,}|~{3,})/u.exec(line)?.[1]
    if (marker !== undefined && (fence === null || closes(line, marker, fence))) {
      fence = fence === null ? marker : null
      continue
    }
    const command = /^ {0,3}\/orch(?:[ \t]+(.*))?$/u.exec(line)
    if (command && fence === null) return { line: line.trim(), command: parseWords(command[1] ?? '') }
  }
  return null
}

/** The text after a slash command of a chat: `run DPTA-1122`. */
export function parseWords(text: string): ParsedCommand {
  const words = text.trim().split(/\s+/u)
  const [word = '', branch = null, ...more] = words
  if (word === '' || word.toLowerCase() === 'help') return { kind: 'help' }
  const name = commandNames.find((known) => known === word.toLowerCase())
  if (name === undefined || more.length > 0) return { kind: 'unknown', text: text.trim() }
  return { kind: 'command', name, branch }
}

/** Whether a line closes a fence: the same character, at least as often, and nothing after it. */
function closes(line: string, marker: string, fence: string): boolean {
  return marker[0] === fence[0] && marker.length >= fence.length && line.trim() === marker
}
