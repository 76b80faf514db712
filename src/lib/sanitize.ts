/** Whatever a terminal, a browser or a reader could misread: controls, invisible and reordering characters, separators, lone surrogates. */
const hazards = /(?!(?<=\p{Extended_Pictographic})\ufe0f)[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu
/** Most names are this: nothing in them needs a second look. */
const plainAscii = /^[ -"$-9;-~]*$/u
const stackedMarks = /(\p{M}{4})\p{M}+/gu
/** ESC [ … m, the colours that build logs are full of. */
const colours = new RegExp(String.raw`\u001b\[[0-9;:]*m`, 'gu')
const maxLogLineLength = 400

/**
 * What the runner of GitHub Actions takes for a command: `::name::` at the start of a line, blanks before it not counted, and
 * `##[name]` anywhere in a line (actions/runner, ActionCommand.cs). Wrapping may bring any word to the start of a line.
 */
const workflowCommands = /(?<=^|\s):(?=:)|#(?=#\[)/gu

function escapeVisibly(char: string): string {
  return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`
}

/**
 * Text from outside as one line that drives neither a terminal nor a runner of GitHub Actions, wherever it is printed: what is
 * hazardous is shown as `\u{202e}`, tabs become spaces.
 * Every text that comes from GitHub or from the graph file passes here (or through a form below) before it is printed.
 */
export function sanitize(text: string): string {
  if (plainAscii.test(text)) return text
  return text
    .replace(/\t/gu, '  ')
    .replace(hazards, escapeVisibly)
    .replace(workflowCommands, escapeVisibly)
    .replace(stackedMarks, '$1…')
}

/** One line of a build's log: like `harmless`, without its colours, and at most 400 characters. */
export function harmlessLogLine(line: string): string {
  const clean = Array.from(sanitize(line.replace(colours, '')))
  return clean.length <= maxLogLineLength ? clean.join('') : `${clean.slice(0, maxLogLineLength - 1).join('')}…`
}

/**
 * An http or https address as printable ASCII that can stand in a Markdown link or an OSC 8 sequence; null: it is something else,
 * to be shown as text only.
 */
export function webAddress(text: string): string | null {
  if (!URL.canParse(text)) return null
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return null
  url.username = ''
  url.password = ''
  return url.href.replace(
    /[^!-~]|[<>()[\]{}|"'`\\^*]/gu,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}

/**
 * Text that Markdown shows literally, within a table cell too: punctuation becomes character references, which no Markdown
 * construct is made of. GitHub looks for mentions after that, so an @ is kept apart from the name behind it.
 */
export function markdownSafe(text: string): string {
  return sanitize(text)
    .replace(/(?<![0-9A-Za-z])[/-]|[/-](?![0-9A-Za-z])|[!-,.:-@[-`{-~]/gu, (char) => `&#${char.charCodeAt(0)};`)
    .replaceAll('&#64;', '&#64;&#8203;')
}

/** Text for a quoted Mermaid label (`["…"]`), in Mermaid's own character codes. */
export function mermaidSafe(text: string): string {
  return sanitize(text).replace(/[^\p{L}\p{N}\p{M} _./-]/gu, (char) => `#${char.codePointAt(0) ?? 0};`)
}

/** The message of a workflow command. Line breaks survive, as `%0A`: pass foreign text through `harmless` first. */
export function workflowMessageSafe(text: string): string {
  return text
    .split('\n')
    .map((line) => sanitize(line).replaceAll('%', '%25'))
    .join('%0A')
}

/** A property of a workflow command, such as `title`. */
export function workflowPropertySafe(text: string): string {
  return sanitize(text).replaceAll('%', '%25').replaceAll(':', '%3A').replaceAll(',', '%2C')
}

/**
 * One step output in the form GITHUB_OUTPUT takes values with line breaks in.
 * @param delimiter random, so that no value can hold it; throws if one does.
 */
export function outputSafe(name: string, value: string, delimiter: string): string {
  if (value.includes(delimiter)) throw new Error(`the value of the output ${name} holds its own delimiter`)
  return `${name}<<${delimiter}\n${value}\n${delimiter}\n`
}

/** JSON on one line, with every hazardous character as a `\uXXXX` escape: the same value to a parser, harmless to a terminal. */
export function jsonSafe(value: unknown, indent = 0): string {
  const escapeUnits = (text: string): string =>
    text
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join('')
  return JSON.stringify(value, null, indent)
    .replace(/[^\n\P{C}]|[\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu, escapeUnits)
    .replaceAll('##[', '##\\u005b')
}

/** One word for a POSIX shell, quoted where it must be. */
export function shellWord(text: string): string {
  const clean = sanitize(text)
  return /^[\w./@%+=,-]+$/u.test(clean) ? clean : `'${clean.replaceAll("'", String.raw`'\''`)}'`
}
