import { startBuilt } from './built-command.js'
import type { BuiltCommand } from './built-command.js'
import { readInstructions } from './instructions.js'
import type { Instructions } from './instructions.js'
import type { WorkFolder } from './work-folder.js'

/** `orch sandbox` in a work folder, after it has printed its instructions. */
export async function startSandboxCommand(
  folder: WorkFolder,
  env: Record<string, string> = {},
  flags: readonly string[] = [],
): Promise<BuiltCommand & { instructions: Instructions }> {
  const command = startBuilt(['sandbox', ...flags], { cwd: folder.path, env })
  await command.until(/Ctrl-C stops it\.\n$/u)
  return { ...command, instructions: readInstructions(command.stdout()) }
}
