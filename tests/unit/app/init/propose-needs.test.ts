import { describe, expect, test } from 'vitest'
import { proposeNeeds } from '../../../../src/app/init/propose-needs.js'
import { splitCycles } from '../../../../src/app/init/split-cycles.js'
import { readManifests } from '../../../../src/config/manifests/read-manifests.js'
import type { ProposedNeed } from '../../../../src/model/proposed-need.js'

/** The needs between repositories of `acme`, each as `dependent needs needed: file:line text`. */
function needsOf(repositories: Record<string, Record<string, string>>): string[] {
  return proposed(repositories).map(shown)
}

function proposed(repositories: Record<string, Record<string, string>>): ProposedNeed[] {
  return proposeNeeds(
    Object.entries(repositories).map(([name, files]) => ({
      repo: name.includes('/') ? name : `acme/${name}`,
      manifests: readManifests(new Map(Object.entries(files))).flatMap(({ file, reading }) =>
        reading.ok ? [{ file, manifest: reading.manifest }] : [],
      ),
    })),
  )
}

function shown({ dependent, needed, sources }: ProposedNeed): string {
  const lines = sources.map(({ file, line, text }) => `${file}:${line} ${text}`)
  return `${dependent} needs ${needed}: ${lines.join(', ')}`
}

const npm = (name: string, ...dependencies: string[]): Record<string, string> => ({
  'package.json': JSON.stringify({
    name,
    dependencies: Object.fromEntries(dependencies.map((each) => [each, '1'])),
  }),
})

describe('proposed needs', () => {
  test('a repository needs the one that publishes the package which it depends on', () => {
    expect(needsOf({ lib: npm('@acme/money'), shop: npm('shop', '@acme/money', 'react') })).toEqual([
      'acme/shop needs acme/lib: package.json:1 @acme/money',
    ])
  })

  test('a package of the name of a repository counts where that repository publishes nothing of its kind', () => {
    expect(needsOf({ lib: {}, shop: npm('shop', 'lib') })).toEqual(['acme/shop needs acme/lib: package.json:1 lib'])
    expect(needsOf({ lib: {}, shop: npm('shop', '@acme/lib') })).toHaveLength(1)
    expect(needsOf({ lib: {}, shop: npm('shop', '@other/lib') })).toEqual([])
    expect(needsOf({ lib: npm('@acme/money'), shop: npm('shop', 'lib') })).toEqual([])
  })

  test('a package of one registry is not taken for that of another one', () => {
    const crate = { 'Cargo.toml': '[package]\nname = "money"\n' }
    expect(needsOf({ lib: crate, shop: npm('shop', 'money') })).toEqual([])
  })

  test('a repository does not need another one for a package of its own', () => {
    expect(needsOf({ lib: npm('@acme/money'), copy: npm('@acme/money', '@acme/money') })).toEqual([])
  })

  test('several lines are sources of one need, and a line only once', () => {
    const files = {
      'go.mod': 'module github.com/acme/shop\nrequire github.com/acme/lib v1.0.0\n',
      '.gitmodules': '[submodule "lib"]\n\turl = ../lib.git\n',
    }
    const lib = { 'go.mod': 'module github.com/acme/lib\n' }
    expect(needsOf({ lib, shop: files })).toEqual([
      'acme/shop needs acme/lib: go.mod:2 github.com/acme/lib, .gitmodules:2 ../lib.git',
    ])
  })

  test('a Go package belongs to the module whose path begins its own', () => {
    const shop = { 'go.mod': 'module x.example/shop\nrequire x.example/lib/money/v2 v2.0.0\n' }
    expect(needsOf({ lib: { 'go.mod': 'module x.example/lib/money\n' }, shop })).toHaveLength(1)
    expect(needsOf({ lib: { 'go.mod': 'module x.example/li\n' }, shop })).toEqual([])
  })

  test('Maven and Python names are compared as their tools do', () => {
    const pom = (artifact: string, needed = ''): Record<string, string> => ({
      'pom.xml': `<project><groupId>com.acme</groupId><artifactId>${artifact}</artifactId>${needed}</project>`,
    })
    const dependency = '<dependency><groupId>com.acme</groupId><artifactId>money</artifactId></dependency>'
    expect(needsOf({ lib: pom('money'), shop: pom('shop', dependency) })).toHaveLength(1)
    const lib = { 'pyproject.toml': '[project]\nname = "Acme.Money"\n' }
    expect(needsOf({ lib, shop: { 'requirements.txt': 'acme_money>=1\n' } })).toHaveLength(1)
    expect(needsOf({ 'my.lib': {}, shop: { 'requirements.txt': 'my_lib\n' } })).toHaveLength(1)
  })

  test.each([
    ['ghcr.io/acme/base:1', true],
    ['acme/base', true],
    ['ghcr.io/other/base', false],
    ['base', false],
    ['bitnami/base', false],
    ['registry.acme.example/team/base:2', true],
    ['localhost:5000/base', true],
    ['registry.acme.example/team/base-2', false],
  ])('whether the image %s is that of the repository base: %s', (image, isNeeded) => {
    expect(needsOf({ base: {}, shop: { Dockerfile: `FROM ${image}\n` } })).toHaveLength(isNeeded ? 1 : 0)
  })

  test('a repository is found by its address, without regard to case, and only of the named owner', () => {
    const uses = (text: string): Record<string, string> => ({
      '.github/workflows/ci.yml': `on: push\njobs:\n  a: { uses: ${text} }\n`,
    })
    expect(needsOf({ Lib: {}, shop: uses('ACME/lib/.github/workflows/x.yml@v1') })).toEqual([
      'acme/shop needs acme/Lib: .github/workflows/ci.yml:3 ACME/lib/.github/workflows/x.yml@v1',
    ])
    expect(needsOf({ Lib: {}, shop: uses('other/lib@v1') })).toEqual([])
    expect(needsOf({ 'other/lib': {}, lib: {}, shop: uses('other/lib@v1') })).toHaveLength(1)
    expect(needsOf({ shop: uses('acme/shop/.github/workflows/x.yml@v1') })).toEqual([])
  })
})

describe('a cycle among the proposed needs', () => {
  const need = (dependent: string, needed: string): ProposedNeed => ({
    dependent,
    needed,
    sources: [{ file: 'package.json', line: 1, text: needed }],
  })
  const pairs = (needs: readonly ProposedNeed[]): string[] =>
    needs.map(({ dependent, needed }) => `${dependent} ${needed}`)

  test('is left out, and the needs beside it are kept', () => {
    const needs = [need('b', 'a'), need('c', 'b'), need('b', 'c'), need('d', 'c')]
    const split = splitCycles(['a', 'b', 'c', 'd'], needs)
    expect(pairs(split.needs)).toEqual(['b a', 'd c'])
    expect(pairs(split.leftOut)).toEqual(['c b', 'b c'])
    expect(split.cycles).toEqual([['b', 'c', 'b']])
  })

  test('without one, all needs are kept', () => {
    const needs = [need('b', 'a'), need('c', 'a'), need('c', 'b')]
    expect(splitCycles(['a', 'b', 'c'], needs)).toEqual({ needs, leftOut: [], cycles: [] })
  })

  test('of many repositories is found without a delay', () => {
    const names = Array.from({ length: 300 }, (_, index) => `r${index}`)
    const needs = names.flatMap((name, index) => [
      need(name, names[(index + 1) % names.length]!),
      ...(index > 0 ? [need(name, names[index - 1]!)] : []),
    ])
    expect(splitCycles(names, needs).needs).toEqual([])
  })
})
