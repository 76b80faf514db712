import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Manifest, ManifestReading } from '../../../src/config/manifests/manifest.js'
import { isManifest, readManifests } from '../../../src/config/manifests/read-manifests.js'

/** What a file says, with each mention as `line kind name`. */
function read(
  file: string,
  text: string,
  others: Record<string, string> = {},
): { packages: string[]; names: string[] } {
  const { packages, mentions } = manifestOf(reading(file, text, others))
  return {
    packages: packages.map(({ ecosystem, name }) => `${ecosystem}:${name}`),
    names: mentions.map((mention) => {
      const name = mention.kind === 'repository' ? `${mention.owner ?? '.'}/${mention.name}` : mention.name
      return `${mention.line} ${mention.kind} ${name}`
    }),
  }
}

function reading(file: string, text: string, others: Record<string, string> = {}): ManifestReading {
  const found = readManifests(new Map(Object.entries({ [file]: text, ...others })))
  return found.find((each) => each.file === file)!.reading
}

function manifestOf(result: ManifestReading): Manifest {
  if (!result.ok) throw new Error(result.problem)
  return result.manifest
}

describe('package.json', () => {
  test('names the package and its dependencies of all kinds, with the line of each', () => {
    const text = `{
  "name": "@acme/shop",
  "dependencies": {
    "@acme/lib": "^1.0.0",
    "money": "npm:@acme/money@2"
  },
  "devDependencies": { "vitest": "4" },
  "peerDependencies": { "react": "19" },
  "optionalDependencies": { "fast": "1" },
  "scripts": { "lib": "no dependency" }
}`
    expect(read('package.json', text)).toEqual({
      packages: ['npm:@acme/shop'],
      names: ['4 package @acme/lib', '5 package @acme/money', '7 package vitest', '8 package react', '9 package fast'],
    })
  })

  test.each([
    ['github:acme/lib#v1', 'acme/lib'],
    ['acme/lib', 'acme/lib'],
    ['git+https://github.com/acme/lib.git#main', 'acme/lib'],
    ['git+ssh://git@github.com/acme/lib.git', 'acme/lib'],
    ['git+ssh://git@github.com:acme/lib.git', 'acme/lib'],
    ['git@github.com:acme/lib.git', 'acme/lib'],
    ['https://github.com/acme/lib/archive/main.tar.gz', 'acme/lib'],
    ['https://token@github.acme.example/acme/my.lib.git', 'acme/my.lib'],
  ])('the version %s names the repository %s', (version, repository) => {
    const { names } = read('package.json', JSON.stringify({ dependencies: { x: version } }))
    expect(names).toEqual(['1 package x', `1 repository ${repository}`])
  })

  test.each(['^1.0.0', 'workspace:*', 'file:../lib', 'latest', '', '1.x || >=2'])(
    'the version %j names no repository',
    (version) => {
      expect(read('package.json', JSON.stringify({ dependencies: { x: version } })).names).toEqual(['1 package x'])
    },
  )

  test('a byte order mark and Windows line breaks change no line', () => {
    const text = '\ufeff{\r\n  "dependencies": {\r\n    "lib": "1"\r\n  }\r\n}\r\n'
    expect(read('package.json', text).names).toEqual(['3 package lib'])
  })

  test.each([
    ['{ "name": ', 'line 1, column 11: value expected'],
    ['[]', 'it is not a JSON object'],
    ['', 'it is empty'],
  ])('%j is reported as unreadable', (text, problem) => {
    expect(reading('package.json', text)).toEqual({ ok: false, problem })
  })
})

describe('pom.xml', () => {
  test('names the artifact, its parent, dependencies, plugins and extensions, with properties resolved', () => {
    const text = `<?xml version="1.0"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <parent>
    <groupId>com.acme</groupId>
    <artifactId>parent</artifactId>
  </parent>
  <artifactId>shop</artifactId>
  <properties><lib.name>lib</lib.name></properties>
  <dependencies>
    <dependency>
      <groupId>\${project.groupId}</groupId>
      <artifactId>\${lib.name}</artifactId>
      <exclusions><exclusion><groupId>x</groupId><artifactId>y</artifactId></exclusion></exclusions>
    </dependency>
    <!-- <dependency><groupId>a</groupId><artifactId>b</artifactId></dependency> -->
  </dependencies>
  <build><plugins><plugin><groupId>com.acme</groupId><artifactId>tool</artifactId></plugin></plugins></build>
</project>`
    expect(read('pom.xml', text)).toEqual({
      packages: ['maven:com.acme:shop'],
      names: ['5 package com.acme:parent', '12 package com.acme:lib', '17 package com.acme:tool'],
    })
  })

  test.each([
    ['<project>', /^line 1, column \d+: /u],
    ['<html></html>', /^its root is not <project>$/u],
    ['<!DOCTYPE x [<!ENTITY a "b">]><project><artifactId>&a;</artifactId></project>', /^line 1/u],
  ])('%j is reported as unreadable', (text, problem) => {
    expect(reading('pom.xml', text)).toEqual({ ok: false, problem: expect.stringMatching(problem) as string })
  })
})

describe('build.gradle', () => {
  test('names dependencies in both notations, but not in comments', () => {
    const text = `group = 'com.acme'
dependencies {
    implementation 'com.acme:lib:1.0' // 'com.acme:comment:1'
    testImplementation("com.acme:testing")
    /* api 'com.acme:other:1' */
    api group: 'com.acme', name: 'money', version: '1'
    implementation project(':local')
}
repositories { maven { url 'https://repo.acme.example/maven' } }`
    expect(read('build.gradle', text)).toEqual({
      packages: [],
      names: ['3 package com.acme:lib', '4 package com.acme:testing', '6 package com.acme:money'],
    })
  })

  test('has the name in settings.gradle, which also names builds beside it', () => {
    const settings = `rootProject.name = "shop"\nincludeBuild("../lib")\n`
    const build = 'group = "com.acme"\n'
    expect(read('build.gradle.kts', build, { 'settings.gradle.kts': settings }).packages).toEqual([
      'maven:com.acme:shop',
    ])
    expect(read('settings.gradle.kts', settings).names).toEqual(['2 repository ./lib'])
  })
})

describe('go.mod', () => {
  test('names the module, what it requires and what replaces it', () => {
    const text = `module github.com/acme/shop

go 1.24

require github.com/acme/lib/v2 v2.0.0
require (
	github.com/acme/money v1.0.0 // indirect
	// github.com/acme/comment v1.0.0
	acme.example/tool v1.0.0
)
replace github.com/acme/old => ../new`
    expect(read('go.mod', text)).toEqual({
      packages: ['go:github.com/acme/shop'],
      names: [
        '5 package github.com/acme/lib/v2',
        '5 repository acme/lib',
        '7 package github.com/acme/money',
        '7 repository acme/money',
        '9 package acme.example/tool',
        '11 package github.com/acme/old',
        '11 repository acme/old',
        '11 repository ./new',
      ],
    })
  })

  test('without a module it is reported as unreadable', () => {
    expect(reading('go.mod', 'go 1.24\n')).toEqual({ ok: false, problem: 'it names no module' })
  })
})

describe('Cargo.toml', () => {
  test('names the package and dependencies of all tables, renamed ones by their own name', () => {
    const text = `[package]
name = "shop"

[dependencies]
lib = "1"
cash = { package = "money", git = "https://github.com/acme/money" }

[dev-dependencies.testing]
version = "1"

[target.'cfg(unix)'.build-dependencies]
tool = { version = "1" }

[workspace.dependencies]
shared = "1"`
    expect(read('Cargo.toml', text)).toEqual({
      packages: ['cargo:shop'],
      names: [
        '5 package lib',
        '6 package money',
        '6 package money',
        '6 repository acme/money',
        '9 package testing',
        '12 package tool',
        '15 package shared',
      ],
    })
  })

  test('a mistake is reported with its line', () => {
    expect(reading('Cargo.toml', '[package]\nname = \n')).toEqual({
      ok: false,
      problem: expect.stringMatching(/^line 3, column 1: /u) as string,
    })
  })
})

describe('Python', () => {
  test('pyproject.toml names the project and its dependencies in the forms of the standard, Poetry and uv', () => {
    const text = `[project]
name = "Acme_Shop"
dependencies = [
  "acme.lib[csv] >= 2",
  "money @ git+https://github.com/acme/money.git@main",
]
[project.optional-dependencies]
more = ["extra"]
[dependency-groups]
test = ["pytest", { include-group = "other" }]
[build-system]
requires = ["hatchling"]
[tool.poetry.group.dev.dependencies]
ruff = "*"
[tool.uv.sources]
tool = { git = "https://github.com/acme/tool" }`
    expect(read('pyproject.toml', text)).toEqual({
      packages: ['pypi:acme-shop'],
      names: [
        '4 package acme-lib',
        '5 package money',
        '5 repository acme/money',
        '8 package extra',
        '10 package pytest',
        '12 package hatchling',
        '14 package ruff',
        '16 package tool',
        '16 repository acme/tool',
      ],
    })
  })

  test('requirements files name packages and addresses, also over several lines', () => {
    const text = `# a comment
acme_lib==1.0  # why
-r other.txt
--index-url https://pypi.acme.example/simple
-e git+https://github.com/acme/money.git@v1#egg=money
tool \\
  >= 2
`
    expect(read('requirements-dev.txt', text).names).toEqual([
      '2 package acme-lib',
      '5 repository acme/money',
      '6 package tool',
    ])
  })
})

describe('other files', () => {
  test('.gitmodules names the addresses of submodules, relative ones without an owner', () => {
    const text = `[submodule "lib"]
	path = lib
	url = ../lib.git
[submodule "other"]
	url = ../../other/tool
[submodule "third"]
	url = git@github.com:acme/money.git`
    expect(read('.gitmodules', text).names).toEqual([
      '3 repository ./lib',
      '5 repository other/tool',
      '7 repository acme/money',
    ])
  })

  test('a Dockerfile names its base images, but not its own stages', () => {
    const text = `ARG BASE=ghcr.io/acme/base
ARG TAG=1
FROM --platform=linux/amd64 \${BASE}:$TAG AS build
FROM node:20@sha256:${'a'.repeat(64)}
FROM build
FROM localhost:5000/acme/runtime:2 AS last`
    expect(read('Dockerfile', text).names).toEqual([
      '3 image ghcr.io/acme/base',
      '4 image node',
      '6 image localhost:5000/acme/runtime',
    ])
  })

  test('a workflow names actions, reusable workflows and images', () => {
    const text = `on: push
jobs:
  shared:
    uses: acme/workflows/.github/workflows/build.yml@v1
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: acme/setup@v2
      - uses: acme/actions/lint@main
      - uses: ./local
      - uses: docker://ghcr.io/acme/tool:1
      - run: echo acme/nothing@v1`
    expect(read('.github/workflows/ci.yml', text).names).toEqual([
      '4 repository acme/workflows',
      '8 repository acme/setup',
      '9 repository acme/actions',
      '11 image ghcr.io/acme/tool',
    ])
  })

  test('a workflow that is not YAML is reported with its line', () => {
    expect(reading('.github/workflows/ci.yml', 'on: push\njobs: [')).toEqual({
      ok: false,
      problem: expect.stringMatching(/^line \d+: /u) as string,
    })
  })

  test.each([
    ['package.json', true],
    ['requirements.txt', true],
    ['requirements-test.txt', true],
    ['Dockerfile.web', true],
    ['web.Dockerfile', true],
    ['.github/workflows/a.yaml', true],
    ['docs/package.json', false],
    ['package-lock.json', false],
    ['requirements.md', false],
    ['.github/workflows/a/b.yml', false],
  ])('whether %s is read: %s', (path, isRead) => {
    expect(isManifest(path)).toBe(isRead)
  })

  const levels = 100_000

  test.each([
    ['package.json', `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`],
    ['pom.xml', `<project>${'<a>'.repeat(levels)}${'</a>'.repeat(levels)}</project>`],
    ['pyproject.toml', `a = ${'['.repeat(levels)}${']'.repeat(levels)}`],
    ['.github/workflows/ci.yml', `jobs: ${'['.repeat(levels)}${']'.repeat(levels)}`],
  ])('%s that is nested too deeply is reported as unreadable, or has no mentions', (path, text) => {
    const result = reading(path, text)
    if (result.ok) expect(result.manifest.mentions).toEqual([])
    else expect(result.problem).toMatch(/nested/u)
  })

  test.each([
    ['comments', '/* '.repeat(150_000)],
    ['texts', `"${String.raw`\"`.repeat(200_000)}`],
    ['texts after a backslash', `'\\'`.repeat(100_000)],
  ])('a Gradle file of 400 kB with %s that have no end is read in linear time', (_what, text) => {
    expect(reading('build.gradle', text)).toMatchObject({ ok: true })
  })

  const paths = [
    'package.json',
    'pom.xml',
    'build.gradle',
    'settings.gradle',
    'go.mod',
    'Cargo.toml',
    'pyproject.toml',
    'requirements.txt',
    '.gitmodules',
    'Dockerfile',
    '.github/workflows/a.yml',
  ]

  test.each(paths)('no text of %s makes its reader throw, and every line that it names exists', (path) => {
    const word = fc.constantFrom(
      ...[
        '<project>',
        '</project>',
        '<artifactId>',
        '{',
        '}',
        '[',
        ']',
        '"',
        "'",
        ':',
        '=',
        '\n',
        ' ',
        '#',
        '//',
        '/*',
      ],
      ...[
        'require (',
        'FROM ${A:-x}',
        'uses: a/b@c',
        'url = ../x',
        'name',
        'dependencies',
        '=>',
        '\\',
        '&a',
        '*a',
        '\r\n',
      ],
    )
    const text = fc.oneof(
      fc.string({ unit: 'binary-ascii' }),
      fc.array(word, { maxLength: 30 }).map((words) => words.join('')),
    )
    fc.assert(
      fc.property(text, (content) => {
        const result = reading(path, content)
        if (!result.ok) {
          expect(result.problem).not.toBe('')
          return
        }
        const lines = content.replaceAll(/\r\n?/gu, '\n').split('\n').length
        for (const { line } of result.manifest.mentions) {
          expect(line).toBeGreaterThanOrEqual(1)
          expect(line).toBeLessThanOrEqual(lines)
        }
      }),
      { numRuns: 300 },
    )
  })
})
