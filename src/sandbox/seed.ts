import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../lib/package-root.js'

/** A repository to be created with one commit on its default branch. */
export interface SeedRepository {
  /** The name as `owner/name`. */
  repo: string
  defaultBranch: 'main'
  /** Path in the repository -> text. */
  files: Record<string, string>
}

/** The fields of a job in a graph that seeding reads. */
export interface SeedJob {
  job: string
  /** The name as `owner/name`. */
  repo: string
  /** File name under `.github/workflows`. Default: `build.yml`. */
  workflow?: string
  /** Type of the event that starts the job. The repository gets a workflow that waits for it, whatever `workflow` is. */
  eventType?: string
}

/** A variant of the example change DPTA-1122: the change itself, one where the build of repoB fails by `exit 1`, and one with that build fixed. */
export type ExampleVariant = 'change' | 'broken' | 'fixed'

const examples = new URL('examples/', packageRoot())

/** The example repositories, each with the repositories that its build fetches. */
const dependencies: ReadonlyMap<string, string[]> = new Map([
  ['repoA', []],
  ['repoB', ['repoA', 'repoD']],
  ['repoC', ['repoA']],
  ['repoD', ['repoA', 'repoB']],
  ['repoE', ['repoA', 'repoB', 'repoC', 'repoD']],
])

/**
 * Returns the contents of the repositories of a graph, one entry per repository. A repository named repoA to repoE gets the example if its owner also has
 * the repositories that the example needs. Every other repository gets small files whose builds pass.
 */
export async function seedFiles(jobs: SeedJob[]): Promise<SeedRepository[]> {
  const repositories = new Map<string, Set<string>>()
  for (const { repo, workflow, eventType } of jobs) {
    const workflows = repositories.get(repo) ?? new Set()
    repositories.set(repo, eventType === undefined ? workflows.add(workflow ?? 'build.yml') : workflows)
  }
  const names = new Set(repositories.keys())
  return Promise.all(
    [...repositories].map(async ([repo, workflows]): Promise<SeedRepository> => {
      const files = isExample(repo, names) ? await exampleFiles(repo, workflows) : genericFiles(repo, workflows)
      return { repo, defaultBranch: 'main', files: { ...files, ...receivers(repo, jobs) } }
    }),
  )
}

/** The workflows of a repository that wait for the events of its jobs. */
function receivers(repo: string, jobs: readonly SeedJob[]): Record<string, string> {
  const files: Record<string, string> = {}
  for (const { job, eventType, ...other } of jobs)
    if (other.repo === repo && eventType !== undefined)
      files[`.github/workflows/receive-${job}.yml`] = receivingWorkflow(eventType)
  return files
}

/**
 * Returns the files of the example change DPTA-1122 that replace those of the branch, by repository name (`repoB`, `repoD`). `broken` and `fixed` hold
 * only the files that differ from the ones pushed before.
 */
export async function exampleChange(
  variant: ExampleVariant,
): Promise<{ name: string; files: Record<string, string> }[]> {
  const directory = fileURLToPath(new URL(`changes/DPTA-1122/${variant}/`, examples))
  const names = (await readdir(directory)).sort()
  return Promise.all(names.map(async (name) => ({ name, files: await readFiles(join(directory, name)) })))
}

function isExample(repo: string, repositories: ReadonlySet<string>): boolean {
  const [owner = '', name = ''] = repo.split('/')
  return dependencies.get(name)?.every((other) => repositories.has(`${owner}/${other}`)) ?? false
}

async function exampleFiles(repo: string, workflows: ReadonlySet<string>): Promise<Record<string, string>> {
  const [, name = ''] = repo.split('/')
  const files = await readFiles(fileURLToPath(new URL(`${name}/`, examples)))
  const build = files['.github/workflows/build.yml']
  if (build === undefined) throw new Error(`The example ${name} has no build.yml: this installation is damaged.`)
  for (const workflow of workflows) files[`.github/workflows/${workflow}`] ??= build
  return files
}

function genericFiles(repo: string, workflows: ReadonlySet<string>): Record<string, string> {
  const [, name = repo] = repo.split('/')
  const files: Record<string, string> = { 'README.md': `# ${name}\n\nA repository of the sandbox.\n` }
  for (const workflow of workflows) files[`.github/workflows/${workflow}`] = genericWorkflow
  return files
}

const genericWorkflow = `name: build
run-name: 'build \${{ github.ref_name }} [orch:\${{ inputs.orch_id }}]'

on:
  workflow_dispatch:
    inputs:
      orch_id:
        description: The orchestration that started this build
        type: string
        default: ''

jobs:
  build:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@v4

      - name: Build
        run: test -f README.md
`

function receivingWorkflow(eventType: string): string {
  return `name: receive
run-name: 'receive [orch:\${{ github.event.client_payload.orch_id }}]'

on:
  repository_dispatch:
    types: [${JSON.stringify(eventType)}]

jobs:
  receive:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@v4

      - name: Build
        run: test -f README.md
`
}

/** Returns all files under a directory, by their relative path with `/`. */
async function readFiles(directory: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {}
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (!entry.isDirectory()) files[entry.name] = await readFile(path, 'utf8')
    else for (const [name, text] of Object.entries(await readFiles(path))) files[`${entry.name}/${name}`] = text
  }
  return files
}
