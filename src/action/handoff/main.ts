import { randomUUID } from 'node:crypto'
import { appendFile } from 'node:fs/promises'
import { sanitize, workflowMessageSafe } from '../../lib/sanitize.js'
import { unpackHandoff } from './unpack-handoff.js'

const { env, stdout } = process

const result = await unpackHandoff(
  {
    handoff: env.INPUT_HANDOFF ?? '',
    job: env.INPUT_JOB ?? '',
    workspace: env.GITHUB_WORKSPACE ?? process.cwd(),
  },
  { apiUrl: env.GITHUB_API_URL ?? 'https://api.github.com', token: env.INPUT_TOKEN ?? '', fetch },
)
if (result.ok) {
  const { runs, names, payload } = result.value
  for (const { job, repository, runId } of runs) {
    stdout.write(`${sanitize(`From ${job}: run ${runId} of ${repository}`)}\n`)
  }
  stdout.write(`Files in trigger-context: ${names.length === 0 ? 'none' : sanitize(names.join(', '))}\n`)
  await setOutput('payload', payload)
} else {
  stdout.write(`::error title=handoff::${workflowMessageSafe(result.problem)}\n`)
  process.exitCode = 1
}

/** Writes an output of the step. The delimiter is a new one, so that no text can end the value early. */
async function setOutput(name: string, value: string): Promise<void> {
  const delimiter = `delimiter_${randomUUID()}`
  const file = env.GITHUB_OUTPUT
  if (file !== undefined) await appendFile(file, `${name}<<${delimiter}\n${value}\n${delimiter}\n`)
}
