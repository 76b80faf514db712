import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fromBufferPromise } from 'yauzl'
import { describe, expect, test } from 'vitest'
import type { Execution, JobAccess, SavedArtifact } from '../../../src/sandbox/executor.js'
import { createProcessExecutor } from '../../../src/sandbox/process-executor.js'
import { temporaryDirectory } from '../api/world.js'
import { executionOf } from './world.js'
import type { TestExecution } from './world.js'

type Files = Record<string, string>

/** Runs steps in a job. `repositories` holds the files of other repositories by name; those of the own one are `files`. */
async function run(
  steps: string,
  { files = {}, repositories = {} }: { files?: Files; repositories?: Record<string, Files> } = {},
): Promise<{ execution: TestExecution; conclusion: string; saved: SavedArtifact[]; isClosed: () => boolean }> {
  const saved: SavedArtifact[] = []
  let closed = false
  const access: JobAccess = {
    token: 'token-of-the-job',
    runtimeToken: 'runtime-token',
    resultsUrl: 'http://127.0.0.1:1/',
    saveArtifact(artifact) {
      saved.push(artifact)
      return artifact.name === 'taken'
        ? { ok: false, message: 'an artifact with this name already exists on the workflow run' }
        : { ok: true, id: 7, digest: 'sha256:abc' }
    },
    readArtifacts: () => saved.toReversed(),
    close: () => void (closed = true),
  }
  const checkout: Execution['checkout'] = async ({ directory, repo, ref }) => {
    const found = repo === undefined ? files : repositories[`${repo}@${ref ?? ''}`]
    if (found === undefined) throw new Error(`checkout: the repository ${repo ?? ''} does not exist`)
    for (const [path, text] of Object.entries(found)) {
      await mkdir(dirname(join(directory, path)), { recursive: true })
      await writeFile(join(directory, path), text)
    }
  }
  const text = `on: workflow_dispatch\njobs: { build: { runs-on: x, steps: [${steps}] } }\n`
  const execution = executionOf(text, { checkout, openJob: () => access })
  const workDirectory = join(await temporaryDirectory(), 'work')
  const { conclusion } = await createProcessExecutor({ workDirectory }).execute(execution)
  return { execution, conclusion, saved, isClosed: () => closed }
}

const checkout = '{ uses: actions/checkout@v4 }'
const greet: Files = {
  'action/action.yml': `inputs:
  who: { default: "\${{ github.repository }}" }
  long name: { default: none }
runs: { using: node20, main: ../lib/main.cjs }
`,
  'lib/main.cjs': `const { env } = process
console.log('hello ' + env.INPUT_WHO + ' / ' + env['INPUT_LONG_NAME'] + ' / ' + env.OWN)
console.log('services ' + env.ACTIONS_RESULTS_URL + ' ' + (env.ACTIONS_RUNTIME_TOKEN.length > 0))
require('node:fs').appendFileSync(env.GITHUB_OUTPUT, 'greeting=hi\\n')
if (env.INPUT_FAIL) process.exit(3)
`,
}

describe('a JavaScript action', () => {
  test('of the workspace gets its inputs with their defaults, the services of its run, and sets outputs', async () => {
    const { execution, conclusion } = await run(
      `${checkout}, { id: g, uses: ./action, env: { OWN: x }, with: { "long name": a b } }, { run: 'echo "got \${{ steps.g.outputs.greeting }}"' }`,
      { files: greet },
    )
    expect(execution.logOf()).toEqual(
      expect.arrayContaining(['hello acme/widget / a b / x', 'services http://127.0.0.1:1/ true', 'got hi']),
    )
    expect(conclusion).toBe('success')
  })

  test('of a repository of the sandbox is checked out at its ref', async () => {
    const { execution, conclusion } = await run('{ uses: acme/tools/action@v1, with: { who: me } }', {
      repositories: { 'acme/tools@v1': greet },
    })
    expect(execution.logOf()).toContain('hello me / none / undefined')
    expect(conclusion).toBe('success')
  })

  test('fails its step with the exit code of its program', async () => {
    const { execution, conclusion } = await run(`${checkout}, { uses: ./action, with: { fail: yes } }`, {
      files: greet,
    })
    expect(execution.logOf()).toContain('##[error]Process completed with exit code 3.')
    expect(conclusion).toBe('failure')
  })

  test('alone gets the services of the run: a command does not', async () => {
    const { execution } = await run("{ run: 'echo url=$ACTIONS_RESULTS_URL token=$ACTIONS_RUNTIME_TOKEN' }")
    expect(execution.logOf()).toContain('url= token=')
  })

  test.each<[string, string, Files, string]>([
    ['without a file', './none', {}, "Can't find 'action.yml', 'action.yaml' or 'Dockerfile'"],
    ['outside the workspace', './../../x', {}, 'leads out of'],
    [
      'that is composite',
      './a',
      { 'a/action.yml': 'runs: { using: composite, steps: [] }' },
      'not those with `using: composite`',
    ],
    ['without a program', './a', { 'a/action.yaml': 'runs: { using: node20 }' }, 'has no `runs.main`'],
    ['that is not valid YAML', './a', { 'a/action.yml': 'runs: [' }, 'The file of the action is not valid'],
    ['of an unknown repository', 'acme/none@v1', {}, 'the repository acme/none does not exist'],
    ['that is an image', 'docker://alpine:3', {}, 'it names no repository'],
  ])('%s is refused', async (_, uses, files, message) => {
    const { execution, conclusion } = await run(`${checkout}, { uses: "${uses}" }`, { files })
    expect(execution.logOf().join('\n')).toContain(message)
    expect(conclusion).toBe('failure')
  })
})

describe('the end of an action', () => {
  const files = (more = ''): Files => ({
    'a/action.yml': `runs: { using: node24, main: main.cjs, post: post.cjs${more} }`,
    'a/main.cjs': `require('node:fs').appendFileSync(process.env.GITHUB_STATE, 'started=' + process.env.INPUT_WHO + '\\n')
if (process.env.INPUT_FAIL) process.exit(1)`,
    'a/post.cjs': `console.log('cleaned ' + process.env.STATE_started + ' ' + process.env.INPUT_WHO)
if (process.env.INPUT_LATE) process.exit(2)`,
  })
  const use = (inputs: string): string => `{ name: first, uses: ./a, with: ${inputs} }`

  test('runs after the steps in the reverse order, with what its main program kept, also when a step failed', async () => {
    const { execution, conclusion } = await run(
      `${checkout}, ${use('{ who: A }')}, ${use('{ who: B, fail: yes }')}, { run: 'echo never' }`,
      { files: files() },
    )
    const log = execution.logOf()
    expect(log.filter((line) => line.startsWith('cleaned'))).toEqual(['cleaned B B', 'cleaned A A'])
    expect(log).not.toContain('never')
    const steps = execution.jobs()[0]?.steps.slice(-3)
    expect(steps?.map((step) => [step.number, step.name, step.conclusion])).toEqual([
      [6, 'Post first', 'success'],
      [7, 'Post first', 'success'],
      [8, 'Complete job', 'success'],
    ])
    expect(conclusion).toBe('failure')
  })

  test('fails the job if it fails, and is skipped if its condition is false', async () => {
    const failing = await run(`${checkout}, ${use('{ late: yes }')}`, { files: files() })
    expect(failing.conclusion).toBe('failure')
    const skipped = await run(`${checkout}, ${use('{ late: yes }')}`, { files: files(', post-if: failure()') })
    expect(skipped.conclusion).toBe('success')
    expect(skipped.execution.jobs()[0]?.steps.at(-2)?.conclusion).toBe('skipped')
  })
})

describe('the token of a job', () => {
  test('is in the contexts, masked in the log, and ends with the job', async () => {
    const { execution, isClosed } = await run(
      '{ run: \'echo "${{ github.token }} ${{ secrets.GITHUB_TOKEN }}" | sha1sum; echo ${{ github.token }}; echo env=$GITHUB_TOKEN\' }',
    )
    const log = execution.logOf()
    const { createHash } = await import('node:crypto')
    const sum = createHash('sha1').update('token-of-the-job token-of-the-job\n').digest('hex')
    expect(log.some((line) => line.startsWith(sum))).toBe(true)
    expect(log).toEqual(expect.arrayContaining(['***', 'env=']))
    expect(log.join('\n')).not.toContain('token-of-the-job')
    expect(isClosed()).toBe(true)
  })
})

/** The texts of the files in an artifact by name. */
async function unzipped({ content }: SavedArtifact): Promise<Files> {
  const zip = await fromBufferPromise(Buffer.from(content))
  const files: Files = {}
  for await (const entry of zip.eachEntry()) {
    const chunks: Buffer[] = []
    for await (const chunk of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Buffer>) chunks.push(chunk)
    files[entry.fileName] = Buffer.concat(chunks).toString()
  }
  return files
}

const tree: Files = {
  'out/a.txt': 'a',
  'out/deep/b.txt': 'b',
  'out/deep/c.log': 'c',
  'out/.hidden': 'h',
  'notes.md': 'n',
}

describe('actions/upload-artifact', () => {
  test.each<[string, string, Files]>([
    ['a folder', 'out', { 'a.txt': 'a', 'deep/b.txt': 'b', 'deep/c.log': 'c' }],
    ['one file', 'out/deep/b.txt', { 'b.txt': 'b' }],
    ['a pattern', 'out/**/*.txt', { 'a.txt': 'a', 'deep/b.txt': 'b' }],
    [
      'several lines',
      String.raw`out/deep\nnotes.md`,
      { 'out/deep/b.txt': 'b', 'out/deep/c.log': 'c', 'notes.md': 'n' },
    ],
    ['an exclusion', String.raw`out\n!out/**/*.log`, { 'a.txt': 'a', 'deep/b.txt': 'b' }],
  ])('keeps %s, with names below the common folder', async (_, path, expected) => {
    const { saved, conclusion } = await run(
      `${checkout}, { uses: actions/upload-artifact@v4, with: { path: "${path}", retention-days: 5 } }`,
      { files: tree },
    )
    expect(conclusion).toBe('success')
    expect(saved.map(({ name, retentionDays, overwrite }) => [name, retentionDays, overwrite])).toEqual([
      ['artifact', 5, false],
    ])
    expect(await unzipped(saved[0] as SavedArtifact)).toEqual(expected)
  })

  test('keeps hidden files if asked, and sets its outputs', async () => {
    const { saved, execution } = await run(
      `${checkout}, { id: u, uses: actions/upload-artifact@v4, with: { name: dist, path: out, include-hidden-files: true, overwrite: true } },
       { run: 'echo "id=\${{ steps.u.outputs.artifact-id }} url=\${{ steps.u.outputs.artifact-url }} digest=\${{ steps.u.outputs.artifact-digest }}"' }`,
      { files: tree },
    )
    expect(Object.keys(await unzipped(saved[0] as SavedArtifact))).toContain('.hidden')
    expect(saved[0]).toMatchObject({ name: 'dist', overwrite: true, retentionDays: null })
    const url = 'http://127.0.0.1:1/acme/widget/actions/runs/4294967297/artifacts/7'
    expect(execution.logOf()).toContain(`id=7 url=${url} digest=abc`)
  })

  test.each<[string, string, string, string]>([
    ['no path', '{}', 'failure', 'Input required and not supplied: path'],
    ['no file', '{ path: none }', 'success', '##[warning]No files were found'],
    ['no file, as an error', '{ path: none, if-no-files-found: error }', 'failure', '##[error]No files were found'],
    ['no file, ignored', '{ path: none, if-no-files-found: ignore }', 'success', 'No files were found'],
    ['an unknown word', '{ path: none, if-no-files-found: panic }', 'failure', 'Unrecognized if-no-files-found'],
    ['an unknown input', '{ path: out, colour: red }', 'failure', "does not know the input 'colour'"],
    ['a retention that is no number', '{ path: out, retention-days: soon }', 'failure', 'Invalid retention-days'],
    [
      'a name that is taken',
      '{ path: out, name: taken }',
      'failure',
      'Failed to CreateArtifact: an artifact with this name',
    ],
  ])('with %s says so', async (_, inputs, expected, message) => {
    const { execution, conclusion } = await run(`${checkout}, { uses: actions/upload-artifact@v4, with: ${inputs} }`, {
      files: tree,
    })
    expect(execution.logOf().join('\n')).toContain(message)
    expect(conclusion).toBe(expected)
  })
})

describe('actions/download-artifact', () => {
  const upload = (name: string): string => `{ uses: actions/upload-artifact@v4, with: { name: ${name}, path: out } }`
  const download = (inputs = '{}'): string => `{ id: d, uses: actions/download-artifact@v4, with: ${inputs} }`

  test('unpacks an artifact of the run into a folder, and says where', async () => {
    const { execution, conclusion } = await run(
      `${checkout}, ${upload('dist')}, ${download('{ name: dist, path: got }')}, { run: 'cat got/deep/b.txt; ls \${{ steps.d.outputs.download-path }}' }`,
      { files: tree },
    )
    expect(execution.logOf()).toEqual(expect.arrayContaining(['ba.txt', 'deep']))
    expect(conclusion).toBe('success')
  })

  test('unpacks all artifacts into folders of their names', async () => {
    const steps = `${checkout}, ${upload('one')}, ${upload('two')}, ${download()}, { run: 'ls -d one/deep two/deep' }`
    expect((await run(steps, { files: tree })).conclusion).toBe('success')
  })

  test.each([
    ['{ name: none }', 'Artifact not found for name: none'],
    ['{ pattern: "*" }', "does not know the input 'pattern'"],
    ['{ path: ../../../x }', "is not in the job's folder"],
  ])('with %s fails and says why', async (inputs, message) => {
    const { execution, conclusion } = await run(download(inputs))
    expect(execution.logOf().join('\n')).toContain(message)
    expect(conclusion).toBe('failure')
  })
})
