import type { Value } from '../expression/expression-value.js'
import type { Matrix, Shell, WorkflowJob, WorkflowStep } from './model.js'
import { present } from './workflow-reader.js'
import type { WorkflowReader } from './workflow-reader.js'
import { isMap } from './yaml-map.js'
import type { YamlMap } from './yaml-map.js'

const jobKeys = {
  read: [
    ...['name', 'needs', 'if', 'runs-on', 'timeout-minutes', 'continue-on-error', 'outputs', 'environment'],
    ...['env', 'defaults', 'strategy', 'steps'],
  ],
  ignored: ['permissions', 'concurrency'],
  unsupported: ['container', 'services', 'uses', 'with', 'secrets', 'snapshot'],
}

const stepKeys = [
  ...['id', 'name', 'if', 'run', 'uses', 'with', 'env', 'shell'],
  ...['working-directory', 'timeout-minutes', 'continue-on-error'],
]

interface RunDefaults {
  shell?: string
  workingDirectory?: string
}

/** Parses one entry of `jobs:`; the reader collects its problems. */
export function parseJob(reader: WorkflowReader, id: string, written: unknown, workflowDefaults: unknown): WorkflowJob {
  const place = `jobs.${id}`
  const map = reader.map(place, written)
  if (!/^[A-Za-z_][\w-]*$/.test(id))
    reader.problem(`\`${place}\` is not a valid job id: use only letters, digits, - and _.`)
  reader.keys(place, map, jobKeys)
  if (map['runs-on'] === undefined && map.uses === undefined) reader.problem(`\`${place}\` lacks \`runs-on\`.`)
  const defaults = {
    ...parseDefaults(reader, 'defaults', workflowDefaults),
    ...parseDefaults(reader, `${place}.defaults`, map.defaults),
  }
  const strategy = reader.map(`${place}.strategy`, map.strategy)
  reader.keys(`${place}.strategy`, strategy, { read: ['matrix', 'fail-fast'], ignored: ['max-parallel'] })
  return {
    id,
    needs: reader.list(`${place}.needs`, map.needs),
    timeoutMinutes: reader.text(`${place}.timeout-minutes`, map['timeout-minutes']) ?? '360',
    continueOnError: reader.text(`${place}.continue-on-error`, map['continue-on-error']) ?? 'false',
    outputs: reader.texts(`${place}.outputs`, map.outputs),
    env: reader.texts(`${place}.env`, map.env),
    failFast: reader.text(`${place}.strategy.fail-fast`, strategy['fail-fast']) ?? 'true',
    steps: parseSteps(reader, `${place}.steps`, map, defaults),
    ...present({
      name: reader.text(`${place}.name`, map.name),
      if: reader.text(`${place}.if`, map.if, 'condition'),
      environment: parseEnvironment(reader, `${place}.environment`, map.environment),
      matrix: parseMatrix(reader, `${place}.strategy.matrix`, strategy.matrix),
    }),
  }
}

function parseDefaults(reader: WorkflowReader, place: string, written: unknown): RunDefaults {
  const map = reader.map(place, written)
  reader.keys(place, map, { read: ['run'] })
  const run = reader.map(`${place}.run`, map.run)
  reader.keys(`${place}.run`, run, { read: ['shell', 'working-directory'] })
  return present({
    shell: reader.text(`${place}.run.shell`, run.shell),
    workingDirectory: reader.text(`${place}.run.working-directory`, run['working-directory']),
  })
}

function parseEnvironment(reader: WorkflowReader, place: string, written: unknown): string | undefined {
  if (!isMap(written)) return reader.text(place, written)
  reader.keys(place, written, { read: ['name'], ignored: ['url', 'deployment'] })
  if (written.name === undefined) reader.problem(`\`${place}\` lacks \`name\`.`)
  return reader.text(`${place}.name`, written.name)
}

function parseMatrix(reader: WorkflowReader, place: string, written: unknown): Matrix | undefined {
  if (written === undefined) return undefined
  if (!isMap(written)) {
    reader.problem(`The sandbox does not support \`${place}\` as anything but a mapping.`)
    return undefined
  }
  const { include, exclude, ...dimensions } = written
  const lists = Object.entries(dimensions).map(([name, list]): [string, Value[] | string] => [
    name,
    matrixList(reader, `${place}.${name}`, list),
  ])
  return {
    dimensions: Object.fromEntries(lists),
    include: matrixList(reader, `${place}.include`, include ?? []),
    exclude: matrixList(reader, `${place}.exclude`, exclude ?? []),
  }
}

function matrixList(reader: WorkflowReader, place: string, written: unknown): Value[] | string {
  if (typeof written === 'string' && written.includes('${{')) return reader.text(place, written) ?? ''
  if (Array.isArray(written)) return written as Value[]
  reader.problem(`\`${place}\` must be a list.`)
  return []
}

function parseSteps(reader: WorkflowReader, place: string, job: YamlMap, defaults: RunDefaults): WorkflowStep[] {
  if (!Array.isArray(job.steps) || job.steps.length === 0) {
    if (job.uses === undefined) reader.problem(`\`${place}\` must be a list of steps.`)
    return []
  }
  const steps = job.steps.map((step: unknown, index) => parseStep(reader, `${place}[${index}]`, step, defaults))
  const ids = steps.flatMap((step) => step.id?.toUpperCase() ?? [])
  if (new Set(ids).size < ids.length) reader.problem(`\`${place}\`: two steps have the same id.`)
  return steps
}

function parseStep(reader: WorkflowReader, place: string, written: unknown, defaults: RunDefaults): WorkflowStep {
  const map = reader.map(place, written)
  reader.keys(place, map, { read: stepKeys })
  return {
    env: reader.texts(`${place}.env`, map.env),
    continueOnError: reader.text(`${place}.continue-on-error`, map['continue-on-error']) ?? 'false',
    work: parseWork(reader, place, map, defaults),
    ...present({
      id: reader.text(`${place}.id`, map.id),
      name: reader.text(`${place}.name`, map.name),
      if: reader.text(`${place}.if`, map.if, 'condition'),
      timeoutMinutes: reader.text(`${place}.timeout-minutes`, map['timeout-minutes']),
    }),
  }
}

function parseWork(reader: WorkflowReader, place: string, map: YamlMap, defaults: RunDefaults): WorkflowStep['work'] {
  const run = reader.text(`${place}.run`, map.run)
  const uses = reader.text(`${place}.uses`, map.uses)
  if (run === undefined && uses !== undefined) {
    return { kind: 'uses', uses, with: reader.texts(`${place}.with`, map.with) }
  }
  if (uses !== undefined) reader.problem(`\`${place}\` has both \`run\` and \`uses\`.`)
  if (run === undefined) reader.problem(`\`${place}\` has neither \`run\` nor \`uses\`.`)
  if (map.with !== undefined) reader.problem(`\`${place}.with\` belongs to a step with \`uses\`.`)
  const directory = reader.text(`${place}.working-directory`, map['working-directory']) ?? defaults.workingDirectory
  return {
    kind: 'run',
    run: run ?? '',
    shell: parseShell(reader, place, reader.text(`${place}.shell`, map.shell) ?? defaults.shell),
    ...present({ workingDirectory: directory }),
  }
}

function parseShell(reader: WorkflowReader, place: string, shell: string | undefined): Shell {
  if (shell === undefined) return 'default'
  if (shell === 'bash' || shell === 'sh') return shell
  reader.problem(`The sandbox does not support the shell '${shell}' of \`${place}\`; it has bash and sh.`)
  return 'default'
}
