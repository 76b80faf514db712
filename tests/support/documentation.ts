import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

/** One page of the documentation. */
export interface Page {
  /** From the root of the repository. */
  path: string
  text: string
}

export function readPages(): Page[] {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`)
  const named = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md']
  return [...named, ...docs].map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

/** A line of a page. Problems are reported with it. */
interface Line {
  page: Page
  number: number
  text: string
  /** `code`: in a code block. `table`: a row of a table. */
  kind: 'prose' | 'table' | 'heading' | 'code'
}

function linesOf(page: Page): Line[] {
  let isFenced = false
  return page.text.split('\n').map((text, index) => {
    const isFence = /^\s*```/u.test(text)
    if (isFence) isFenced = !isFenced
    return { page, number: index + 1, text, kind: isFence || isFenced ? 'code' : kindOf(text) }
  })
}

function kindOf(text: string): Line['kind'] {
  if (/^ {4}/u.test(text)) return 'code'
  if (/^\s*\|/u.test(text)) return 'table'
  return /^#/u.test(text) ? 'heading' : 'prose'
}

function problem({ page, number }: Line, what: string): string {
  return `${page.path}:${number}: ${what}`
}

/** The parts of a line that name code: the whole line in a code block, each code span elsewhere. */
function codeOf({ kind, text }: Line): string[] {
  return kind === 'code' ? [text] : [...text.matchAll(/`([^`]+)`/gu)].map(([, span = '']) => span)
}

const generated = ['dist', 'coverage', 'node_modules', '.git', '.orch']
const folders = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !generated.includes(entry.name))
  .map(({ name }) => name)

function* filesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (generated.includes(entry.name)) continue
    if (entry.isDirectory()) yield* filesBelow(join(folder, entry.name))
    else yield entry.name
  }
}

const fileNames = new Set(filesBelow(root))

/** Paths in code: from the root of the repository, or only the name of a source file. A part in angle brackets matches anything. */
export function wrongPaths(page: Page): string[] {
  return linesOf(page).flatMap((line) =>
    codeOf(line)
      .flatMap((code) => code.split(/[\s'"`()=,;]+/u))
      .map((word) => word.replace(/^(?:\.|\$ROOT)\//u, '').replace(/[.:/]+$/u, ''))
      .filter((word) => !isResolved(word, line))
      .map((word) => problem(line, `there is no ${word}`)),
  )
}

/** GitHub's own actions have the owner `actions`, which is also a folder here. */
const actionsOfGitHub = /^actions\/(?:checkout|create-github-app-token|(?:down|up)load-artifact|setup-node)(?:@|$)/u

function isResolved(word: string, { kind }: Line): boolean {
  const [folder = ''] = word.split('/')
  if (actionsOfGitHub.test(word)) return true
  if (word.includes('/')) {
    const fixed = word.includes('<') ? dirname(word.slice(0, word.indexOf('<') + 1)) : word
    return !folders.includes(folder) || existsSync(join(root, fixed))
  }
  // Code blocks also name files of the user.
  return kind === 'code' || !/^[\w.-]+\.(?:ts|js|md)$/u.test(word) || fileNames.has(word)
}

/** Links to other pages and to headings. */
export function wrongLinks(page: Page): string[] {
  return linesOf(page).flatMap((line) => {
    if (line.kind === 'code') return []
    const targets = [...line.text.matchAll(/\]\(([^)\s]+)\)/gu)].map(([, target = '']) => target)
    return targets
      .filter((target) => !/^[a-z]+:/u.test(target) && !leadsSomewhere(target, page))
      .map((target) => problem(line, `the link to ${target} leads nowhere`))
  })
}

function leadsSomewhere(target: string, page: Page): boolean {
  const [path = '', anchor] = target.split('#')
  if (path === '') return anchor === undefined || hasHeading(page, anchor)
  const file = resolve(root, dirname(page.path), path)
  if (!existsSync(file)) return false
  return anchor === undefined || hasHeading({ path: relative(root, file), text: readFileSync(file, 'utf8') }, anchor)
}

function hasHeading(page: Page, anchor: string): boolean {
  return linesOf(page).some(({ kind, text }) => kind === 'heading' && anchorOf(text) === anchor)
}

/** The anchor that GitHub gives a heading. */
function anchorOf(heading: string): string {
  return heading
    .replace(/^#+ /u, '')
    .replace(/\[([^\]]*)\]\([^)]*\)/gu, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/gu, '-')
}

/** Flags by command; '' holds those of `orch` itself. */
export type Flags = ReadonlyMap<string, ReadonlySet<string>>

/** Commands of `orch`, with flags that they do not take. */
export function wrongCommands(page: Page, flags: Flags): string[] {
  return linesOf(page).flatMap((line) =>
    codeOf(line)
      .flatMap(commandsIn)
      .flatMap(([command = '', ...words]) => {
        if (command.startsWith('<') || command === 'help') return []
        const hasNested = [...flags.keys()].some((each) => each.startsWith(`${command} `))
        const name = command.startsWith('-')
          ? ''
          : hasNested && words[0] !== undefined
            ? `${command} ${words[0]}`
            : command
        const known = flags.get(name)
        if (!known) return [problem(line, `there is no orch ${name}`)]
        return [command, ...words]
          .map((word) => /^--?[a-z][a-z-]*/iu.exec(word)?.[0])
          .filter((flag) => flag !== undefined && !known.has(flag))
          .map((flag) => problem(line, `orch ${name} does not take ${flag}`))
      }),
  )
}

/** The words after `orch`, for each call of it in a text. */
function commandsIn(code: string): string[][] {
  const text = code.replace(/\s#.*$/u, '')
  return [...text.matchAll(/(?:^|[($]\s*)orch ([^)|]+)/gu)].map(([, words = '']) => words.trim().split(/\s+/u))
}

/** The npm scripts. */
export function wrongScripts(page: Page, scripts: readonly string[]): string[] {
  return linesOf(page).flatMap((line) =>
    codeOf(line).flatMap((code) =>
      [...code.matchAll(/\bnpm run (?:--silent )?([\w:-]+)/gu)]
        .map(([, name = '']) => name)
        .filter((name) => !scripts.includes(name))
        .map((name) => problem(line, `there is no npm script ${name}`)),
    ),
  )
}

/** Flags that appear alone in prose or a table and are unknown. */
export function wrongFlags(page: Page, known: ReadonlySet<string>): string[] {
  return linesOf(page)
    .filter(({ kind }) => kind !== 'code')
    .flatMap((line) =>
      codeOf(line)
        .map((code) => /^--[a-z][a-z-]*/u.exec(code)?.[0])
        .filter((flag) => flag !== undefined && !known.has(flag))
        .map((flag) => problem(line, `there is no flag ${flag}`)),
    )
}

const widest = 100

/** Prose beyond 100 characters. Code and tables may be longer. */
export function wideLines(page: Page): string[] {
  return linesOf(page)
    .map((line) => ({ line, length: Array.from(line.text).length }))
    .filter(({ line, length }) => line.kind === 'prose' && length > widest)
    .map(({ line, length }) => problem(line, `${length} characters, more than ${widest}`))
}
