// Makes docs/images/run.svg, the picture of the README: plays `orch demo` with the built command, and draws what `orch show` prints of its
// first run. Run it with `npm run docs:image`. The layout depends on the printed text alone.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const orch = fileURLToPath(new URL('../bin/orch.js', import.meta.url))
const picture = fileURLToPath(new URL('../docs/images/run.svg', import.meta.url))

const columns = 88
const cell = { widthPx: 8.4, heightPx: 19, fontPx: 14 }
const marginPx = 20
const titleBarPx = 34

/** Start of an ANSI style code, which ends with the letter m. */
const styleStart = '\u001b['

const background = '#161b22'
const foreground = '#c9d1d9'
const colours = { 31: '#ff7b72', 32: '#56d364', 33: '#e3b341', 34: '#79c0ff', 35: '#d2a8ff', 36: '#56d4dd' }

writePicture()

function writePicture() {
  const demo = run(['demo', '--keep'], { FORCE_COLOR: '' })
  const folder = /^kept: (.+)$/mu.exec(demo)?.[1]
  if (folder === undefined) throw new Error(`orch demo did not say which folder it kept:\n${demo}`)
  try {
    const { orchestrations } = JSON.parse(run(['list', '--sandbox', '--json'], { FORCE_COLOR: '' }, folder))
    const first = orchestrations.at(-1).id
    const shown = run(['show', first, '--sandbox'], { FORCE_COLOR: '1' }, folder)
    mkdirSync(dirname(picture), { recursive: true })
    writeFileSync(picture, toSvg(`\u001b[1m$ orch show ${first}\u001b[22m\n${shown}`))
    console.log(`wrote ${picture}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs the built command and returns what it wrote. Throws when it fails. */
function run(args, env, cwd = process.cwd()) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [orch, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '', GITHUB_ACTIONS: '', ORCH_CONFIG: '', LC_ALL: 'C.UTF-8', ...env },
  })
  if (status !== 0) throw new Error(`orch ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`)
  return stdout + stderr
}

/** Draws a text with ANSI colours, one `text` element for each run of characters of one style. */
function toSvg(text) {
  const lines = text.trimEnd().split('\n').map(toSpans)
  const widthPx = Math.round(columns * cell.widthPx + 2 * marginPx)
  const heightPx = lines.length * cell.heightPx + titleBarPx + marginPx
  const body = lines.flatMap((spans, row) => spans.map((span) => toElement(span, row)))
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${widthPx} ${heightPx}" width="${widthPx}" height="${heightPx}" role="img">`,
    '<title>orch show: a run of the demo</title>',
    `<rect width="${widthPx}" height="${heightPx}" rx="8" fill="${background}"/>`,
    ...['#ff5f57', '#febc2e', '#28c840'].map(
      (fill, index) => `<circle cx="${20 + 18 * index}" cy="17" r="5.5" fill="${fill}"/>`,
    ),
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${cell.fontPx}" fill="${foreground}" xml:space="preserve">`,
    ...body,
    '</g>',
    '</svg>',
  ].join('\n')}\n`
}

/** `textLength` keeps the columns aligned in every font. */
function toElement({ text, column, style }, row) {
  const x = round(marginPx + column * cell.widthPx)
  const y = round(titleBarPx + (row + 0.8) * cell.heightPx)
  const attributes = [
    `x="${x}" y="${y}" textLength="${round([...text].length * cell.widthPx)}"`,
    ...(style.colour === undefined ? [] : [`fill="${style.colour}"`]),
    ...(style.isBold ? ['font-weight="bold"'] : []),
    ...(style.isDim ? ['opacity="0.6"'] : []),
  ]
  return `<text ${attributes.join(' ')} lengthAdjust="spacingAndGlyphs">${escape(text)}</text>`
}

/** Splits a line into runs of characters of one style, cut to the columns of the picture. Blank runs are omitted. */
function toSpans(line) {
  const cells = toCells(line)
  const cut = cells.length > columns ? [...cells.slice(0, columns - 1), { character: '…', style: {} }] : cells
  const spans = []
  for (const [column, { character, style }] of cut.entries()) {
    const last = spans.at(-1)
    if (last !== undefined && isSameStyle(last.style, style)) last.text += character
    else spans.push({ text: character, column, style })
  }
  return spans.filter(({ text }) => text.trim() !== '').map(withoutBlankEnds)
}

function withoutBlankEnds({ text, column, style }) {
  const leading = text.length - text.trimStart().length
  return { text: text.trim(), column: column + leading, style }
}

function toCells(line) {
  const cells = []
  let style = {}
  for (const [index, part] of line.split(styleStart).entries()) {
    const [codes, text] = index === 0 ? ['', part] : part.split(/m(.*)/su)
    if (index > 0) for (const code of codes.split(';')) style = withCode(style, Number(code))
    for (const character of text) cells.push({ character, style })
  }
  return cells
}

function withCode(style, code) {
  if (code === 0) return {}
  if (code === 1) return { ...style, isBold: true }
  if (code === 2) return { ...style, isDim: true }
  if (code === 22) return { colour: style.colour }
  if (code === 39) return { ...style, colour: undefined }
  if (code in colours) return { ...style, colour: colours[code] }
  throw new Error(`the colour code ${code} is not known`)
}

function isSameStyle(one, other) {
  return (
    one.colour === other.colour &&
    Boolean(one.isBold) === Boolean(other.isBold) &&
    Boolean(one.isDim) === Boolean(other.isDim)
  )
}

function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function round(number) {
  return Math.round(number * 100) / 100
}
