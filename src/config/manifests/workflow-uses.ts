import { Problems } from '../yaml/problems.js'
import { readYaml } from '../yaml/read-yaml.js'
import type { Entry, Value } from '../yaml/value.js'
import type { Mention } from './manifest.js'
import { createLineIndex, imageName, manifestOf, notReadable } from './manifest.js'
import type { ManifestReader } from './manifest.js'

const uses = /^(?<owner>[\w-]+)\/(?<name>[\w.-]+)(?:\/[^@]*)?@/u

/** A workflow: the actions, reusable workflows and images that its jobs and steps use. */
export const readWorkflowUses: ManifestReader = (text) => {
  const problems = new Problems()
  const root = readYaml(text, problems)
  const [first] = problems.toDiagnostics(text)
  if (first) return notReadable(`line ${first.line}: ${first.message}`)
  const lineAt = createLineIndex(text)
  const jobs = entriesOf(root && valueOf(root, 'jobs')).map(({ value }) => value)
  const steps = jobs.flatMap((job) => itemsOf(valueOf(job, 'steps')))
  const mentions = [...jobs, ...steps].flatMap((each) => mentionOf(valueOf(each, 'uses'), lineAt))
  return manifestOf({ mentions })
}

/** `owner/name/path@ref` or `docker://image`; an action of the same repository starts with `./`. */
function mentionOf(value: Value | undefined, lineAt: (offset: number) => number): Mention[] {
  if (value?.kind !== 'text') return []
  const place = { text: value.text, line: lineAt(value.start) }
  const image = /^docker:\/\/(?<image>.+)$/u.exec(value.text)?.groups?.['image']
  if (image !== undefined) return [{ ...place, kind: 'image', name: imageName(image) }]
  const found = uses.exec(value.text)?.groups
  return found ? [{ ...place, kind: 'repository', owner: found['owner'] ?? '', name: found['name'] ?? '' }] : []
}

function entriesOf(value: Value | null | undefined): readonly Entry[] {
  return value?.kind === 'map' ? value.entries : []
}

function itemsOf(value: Value | undefined): readonly Value[] {
  return value?.kind === 'list' ? value.items : []
}

function valueOf(value: Value, key: string): Value | undefined {
  return entriesOf(value).find((entry) => entry.key === key)?.value
}
