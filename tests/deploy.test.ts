import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { DockerfileParser } from 'dockerfile-ast'
import { Deployment } from 'kubernetes-models/apps/v1'
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1'
import { ConfigMap, Service } from 'kubernetes-models/v1'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { parseGraphFile } from '../src/config/graph-file.js'
import { startCommand } from './support/command.js'
import { TestClock } from './support/test-clock.js'

const root = resolve(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

interface Manifest {
  kind: string
  metadata: { name: string }
  [key: string]: unknown
}

const folder = 'deploy/kubernetes'
const files = readdirSync(join(root, folder))

function manifestsOf(file: string): Manifest[] {
  return parseAllDocuments(read(`${folder}/${file}`)).map((document) => {
    expect(document.errors).toEqual([])
    return document.toJS() as Manifest
  })
}

/** Throws with every difference from the description of its kind in Kubernetes' own API. */
function validate(manifest: Manifest): void {
  const data = manifest as never
  switch (manifest.kind) {
    case 'Deployment':
      return new Deployment(data).validate()
    case 'Service':
      return new Service(data).validate()
    case 'ConfigMap':
      return new ConfigMap(data).validate()
    case 'PodDisruptionBudget':
      return new PodDisruptionBudget(data).validate()
    case 'HorizontalPodAutoscaler':
      return new HorizontalPodAutoscaler(data).validate()
    default:
      throw new Error(`${manifest.kind} is a kind that this test does not know`)
  }
}

const deployments = files.flatMap(manifestsOf).flatMap((manifest) => {
  if (manifest.kind !== 'Deployment') return []
  const { spec } = new Deployment(manifest)
  const pod = spec?.template.spec
  const [container] = pod?.containers ?? []
  if (!pod || !container) throw new Error(`${manifest.metadata.name} has no container`)
  return [{ name: manifest.metadata.name, pod, container }]
})

describe('the Kubernetes manifests', () => {
  test.each(files)('%s is valid', (file) => {
    for (const manifest of manifestsOf(file)) expect(() => validate(manifest)).not.toThrow()
  })

  test('a wrong field is found', () => {
    const wrong = { kind: 'Service', metadata: { name: 'x' }, spec: { ports: [{ port: 'eighty' }] } }
    expect(() => validate(wrong)).toThrow('spec/ports/0/port')
  })

  test.each(deployments)('$name runs without root, privileges or a writable root file system', ({ pod, container }) => {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 })
    expect(pod.automountServiceAccountToken).toBe(false)
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
  })

  test.each(deployments)('$name may take longer to end than a service does', ({ pod }) => {
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(10)
  })

  test('the probes of the server name its health pages', () => {
    const { container } = deployments.find(({ name }) => name === 'orch-serve') ?? {}
    expect(container?.livenessProbe?.httpGet?.path).toBe('/healthz')
    expect(container?.readinessProbe?.httpGet?.path).toBe('/readyz')
  })

  test('the autoscaler follows the pending workloads of the Deployment with the workers', () => {
    const [scaler] = manifestsOf('autoscaler.yaml')
    const { spec } = new HorizontalPodAutoscaler(scaler as never)
    expect(deployments.map(({ name }) => name)).toContain(spec.scaleTargetRef.name)
    const metric = spec.metrics?.[0]?.external?.metric
    expect(metric).toEqual({ name: 'orch_workloads', selector: { matchLabels: { status: 'pending' } } })
  })

  test('the graph file of the example is one', () => {
    const [map] = manifestsOf('graph.yaml')
    const { data } = new ConfigMap(map)
    expect(parseGraphFile(data?.['orchestrator.yaml'] ?? '').ok).toBe(true)
  })
})

describe('the Dockerfile', () => {
  const dockerfile = DockerfileParser.parse(read('deploy/Dockerfile'))

  test('copies only what the package has, from the root of the repository', () => {
    const sources = dockerfile
      .getCOPYs()
      .filter((copy) => copy.getFlags().length > 0)
      .map((copy) => copy.getArguments()[0]?.getValue() ?? '')
    const local = sources.map((source) => source.replace('/build/', ''))
    expect(local.filter((source) => source !== 'dist' && !existsSync(join(root, source)))).toEqual([])
    expect(local).toEqual(expect.arrayContaining(['bin', 'dist', 'node_modules/@electric-sql/pglite']))
  })

  test('runs as a user who is not root', () => {
    const users = dockerfile.getInstructions().filter((each) => each.getInstruction() === 'USER')
    expect(users.map((user) => user.getArgumentsContent())).toEqual(['node'])
  })

  test('starts the command of this package', () => {
    const [entry] = dockerfile.getENTRYPOINTs()
    expect(entry?.getArgumentsContent()).toBe('["node", "/opt/orch/bin/orch.js"]')
    expect(existsSync(join(root, 'bin/orch.js'))).toBe(true)
  })
})

describe('the systemd unit', () => {
  const hasAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0
  test.skipIf(!hasAnalyze)('systemd accepts it (skipped where systemd-analyze is missing)', () => {
    const directory = mkdtempSync(join(tmpdir(), 'orch-unit-'))
    try {
      const path = join(directory, 'orch.service')
      // The program of the unit need not be installed here.
      writeFileSync(path, read('deploy/orch.service').replace('/usr/bin/node', process.execPath))
      const result = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' })
      expect(result.stderr).not.toContain('orch.service:')
      expect(result.status).toBe(0)
    } finally {
      rmSync(directory, { recursive: true })
    }
  })

  test('it is stopped by SIGTERM and has more than ten seconds to end', () => {
    const unit = read('deploy/orch.service')
    expect(unit).toContain('KillSignal=SIGTERM')
    expect(Number(/TimeoutStopSec=(\d+)/u.exec(unit)?.[1])).toBeGreaterThan(10)
  })
})

describe('the command lines of the deployment', () => {
  const wordsIn = (list: string): string[] => JSON.parse(list) as string[]
  const [image] = DockerfileParser.parse(read('deploy/Dockerfile')).getCMDs()
  const started = /^ExecStart=\S+ \S+\/orch\.js (.+)$/mu.exec(read('deploy/orch.service'))?.[1]
  const lines = [
    ...deployments.map(({ name, container }) => ({ name, words: container.args ?? [] })),
    { name: 'the Dockerfile', words: wordsIn(image?.getArgumentsContent() ?? '[]') },
    { name: 'the systemd unit', words: started?.split(' ') ?? [] },
  ]

  test.each(lines)(
    '$name starts a command of orch with flags that it has',
    async ({ words: [command = '', ...words] }) => {
      expect(['serve', 'worker']).toContain(command)
      const flags = words.filter((word) => word.startsWith('-'))
      const known = await flagsOf(command)
      expect(known).toContain('--json')
      expect(flags.filter((flag) => !known.includes(flag))).toEqual([])
    },
  )
})

/** The flags that the help of a command lists. */
async function flagsOf(command: string): Promise<string[]> {
  const fetch = (): Promise<Response> => Promise.reject(new Error('help needs no network'))
  const help = startCommand({ directory: root, clock: new TestClock(), env: {}, fetch }, [command, '--help'])
  const { stdout } = await help.ended
  return [...stdout.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gmu)].map(([, flag = '']) => flag)
}
