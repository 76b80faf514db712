import { writeContextFolder } from '../../flows/context-folder.js'
import { contextProblem } from '../../model/flow/context-file.js'
import type { ContextFile } from '../../model/flow/context-file.js'
import { downloadArtifact } from './download-artifact.js'
import type { GitHubAccess } from './download-artifact.js'
import { parseHandedRuns } from './handed-run.js'
import type { HandedRun, Outcome } from './handed-run.js'
import { readArchive } from './read-archive.js'

/** The context file with the payload. */
const payloadName = 'payload'

export interface HandoffInputs {
  /** The input `handoff` of the workflow. */
  handoff: string
  /** Only what this job hands on; empty: everything. */
  job: string
  /** Folder in which `trigger-context` is created. */
  workspace: string
}

/** What was unpacked. */
export interface Handoff {
  runs: readonly HandedRun[]
  names: readonly string[]
  /** Empty: none was handed on. */
  payload: string
}

/** Writes the files that other runs hand on into `trigger-context`. Everything is read and checked before anything is written. */
export async function unpackHandoff(inputs: HandoffInputs, access: GitHubAccess): Promise<Outcome<Handoff>> {
  const runs = parseHandedRuns(inputs.handoff, inputs.job)
  if (!runs.ok) return runs
  const files: ContextFile[] = []
  for (const run of runs.value) {
    const read = await readRun(access, run)
    if (!read.ok) return read
    files.push(...read.value)
    const problem = contextProblem(files)
    if (problem === null) continue
    const before = `with what ${run.job} hands on, ${problem.problem}`
    return { ok: false, problem: `${before}; name one job with the input "job" to unpack each by itself` }
  }
  await writeContextFolder(inputs.workspace, files)
  const payload = files.find(({ name }) => name === payloadName)?.content ?? ''
  return { ok: true, value: { runs: runs.value, names: files.map(({ name }) => name), payload } }
}

async function readRun(access: GitHubAccess, run: HandedRun): Promise<Outcome<ContextFile[]>> {
  const archive = await downloadArtifact(access, run)
  if (!archive.ok) return archive
  const files = await readArchive(archive.value)
  if (files.ok) return files
  return { ok: false, problem: `the artifact ${run.artifact} of ${run.job} is refused: ${files.problem}` }
}
