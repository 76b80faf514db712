/** Characters that a terminal, a browser or a reader could misread: controls, invisible and reordering characters, separators, lone surrogates. */
const hazards = /(?!(?<=\p{Extended_Pictographic})\ufe0f)[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu
/** Most names: they need no replacement. */
const plainAscii = /^[ -"$-9;-~]*$/u
const stackedMarks = /(\p{M}{4})\p{M}+/gu
/** ESC [ … m: the colors in build logs. */
const colors = new RegExp(String.raw`\u001b\[[0-9;:]*m`, 'gu')
const maxLogLineLength = 400

/**
 * What the runner of GitHub Actions interprets as a command: `::name::` at the start of a line, after optional blanks, and `##[name]`
 * anywhere in a line (actions/runner, ActionCommand.cs). Wrapping can move any word to the start of a line.
 */
const workflowCommands = /(?<=^|\s):(?=:)|#(?=#\[)/gu

function escapeVisibly(char: string): string {
  return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`
}

/**
 * Untrusted text as one line that cannot control a terminal or a runner of GitHub Actions: hazardous characters are shown as `\u{202e}`,
 * tabs become spaces. Every text from GitHub or from the graph file goes through this function, or one of those below, before it is
 * printed.
 */
export function sanitize(text: string): string {
  if (plainAscii.test(text)) return text
  return text
    .replace(/\t/gu, '  ')
    .replace(hazards, escapeVisibly)
    .replace(workflowCommands, escapeVisibly)
    .replace(stackedMarks, '$1…')
}

/** Untrusted text of several lines, each sanitized and without colors. */
export function sanitizeLines(text: string): string {
  return text
    .split('\n')
    .map((line) => sanitize(line.replace(colors, '')))
    .join('\n')
}

/** One line of a build log: sanitized, without colors, at most 400 characters. A longer one is cut in its middle: the error may be at either end. */
export function sanitizeLogLine(line: string): string {
  const clean = Array.from(sanitize(line.replace(colors, '')))
  if (clean.length <= maxLogLineLength) return clean.join('')
  const half = maxLogLineLength / 2
  return `${clean.slice(0, half).join('')}…${clean.slice(1 - half).join('')}`
}

/**
 * An http or https address as printable ASCII that is safe in a Markdown link or an OSC 8 sequence; null: it is not such an address, and
 * may be shown as text only.
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
 * Text that Markdown shows literally, also in a table cell: punctuation becomes character references, which have no meaning in Markdown.
 * GitHub looks for mentions after that, so that an @ is separated from the name after it.
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

/** The message of a workflow command. Line breaks are kept, as `%0A`: sanitize untrusted text first. */
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
 * One step output, in the multiline format of GITHUB_OUTPUT.
 * @param delimiter random, so that no value contains it; throws if one does
 */
export function outputSafe(name: string, value: string, delimiter: string): string {
  if (value.includes(delimiter)) throw new Error(`the value of the output ${name} contains its delimiter`)
  return `${name}<<${delimiter}\n${value}\n${delimiter}\n`
}

/** JSON on one line, with every hazardous character as a `\uXXXX` escape: the same value for a parser, safe for a terminal. */
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

/** One word for a POSIX shell, quoted if necessary. */
export function shellWord(text: string): string {
  const clean = sanitize(text)
  return /^[\w./@%+=,-]+$/u.test(clean) ? clean : `'${clean.replaceAll("'", String.raw`'\''`)}'`
}
