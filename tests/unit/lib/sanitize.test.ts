import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  sanitize,
  sanitizeLogLine,
  jsonSafe,
  markdownSafe,
  mermaidSafe,
  outputSafe,
  shellWord,
  webAddress,
  workflowMessageSafe,
  workflowPropertySafe,
} from '../../../src/lib/sanitize.js'
import { hostileText } from '../../report/support/stories.js'

/** Characters that must never reach a reader unescaped. The list is independent of the pattern under test. */
function isHazard(char: string): boolean {
  const code = char.codePointAt(0)!
  const ranges = [
    [0x00, 0x1f],
    [0x7f, 0x9f],
    [0xad, 0xad],
    [0x61c, 0x61c],
    [0x200b, 0x200f],
    [0x2028, 0x202e],
    [0x2060, 0x206f],
    [0xd800, 0xdfff],
    [0xfeff, 0xfeff],
    [0xe0000, 0xe0fff],
  ] as const
  return ranges.some(([first, last]) => code >= first && code <= last)
}

/** The pattern by which the runner of GitHub Actions recognizes commands. */
function isWorkflowCommand(line: string): boolean {
  return line.trimStart().startsWith('::') || line.includes('##[')
}

const nasty = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc
    .array(
      fc.constantFrom(
        ...['::error::', ':', '#', '##[', '[', ']', '\r', '\n', '\t', ' ', '\u001b[2J', '\u009b1m', '\u202e', '\u200d'],
        ...[
          '\u{e0041}',
          '\ud800',
          '\udc00',
          '|',
          '`',
          '```',
          '@octocat',
          '<b>',
          '](x)',
          '"',
          '%',
          '%0A',
          ',',
          'a',
          '\u00ad',
        ],
        ...['\ufe0f', '\u2028', '\u0301', 'https://x.y', 'www.x.y', '\\', 'end', '$(x)', "'", '-', '1.'],
      ),
    )
    .map((parts) => parts.join('')),
)

function holds(check: (text: string) => void): void {
  fc.assert(
    fc.property(nasty, (text) => {
      check(text)
    }),
  )
}

const forms: Record<string, (text: string) => string> = {
  sanitize,
  sanitizeLogLine,
  markdownSafe,
  mermaidSafe,
  workflowMessageSafe,
  workflowPropertySafe,
  shellWord,
}

describe('untrusted text', () => {
  it.each(Object.entries({ ...forms, jsonSafe }))(
    'untrusted text contains no control, invisible or reordering character after %s',
    (_name, form) => {
      holds((text) => expect(Array.from(form(text)).filter(isHazard)).toEqual([]))
    },
  )

  it.each(Object.entries(forms))(
    'untrusted text is not a workflow command after %s, wherever the line is broken',
    (_name, form) => {
      fc.assert(
        fc.property(nasty, (text) => {
          const words = form(text).split(' ')
          expect(words.filter((_, at) => isWorkflowCommand(words.slice(at).join(' ')))).toEqual([])
        }),
      )
    },
  )

  it('sanitize does not change safe text', () => {
    const text = 'Fix: naïve ☕️ größe 日本語 (#12) [x] a::b 100%'
    expect(sanitize(text)).toBe(text)
  })

  it('sanitize shows hazardous characters as escapes', () => {
    expect(sanitize(hostileText)).toMatchInlineSnapshot(
      `"\\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}"`,
    )
  })

  it('sanitize does not change sanitized text', () => {
    holds((text) => expect(sanitize(sanitize(text))).toBe(sanitize(text)))
  })

  it('sanitizeLogLine removes colours and shows every other escape sequence', () => {
    expect(sanitizeLogLine('\u001b[1;31mnot ok\u001b[0m \u001b[2J')).toBe('not ok \\u{1b}[2J')
    expect(sanitizeLogLine('x'.repeat(5000))).toHaveLength(400)
    expect(sanitizeLogLine(`begin${'x'.repeat(5000)}end`)).toMatch(/^beginx+…x+end$/u)
  })

  it('sanitize limits the combining marks on one character', () => {
    expect(sanitize(`a${'\u0301'.repeat(100)}`)).toBe(`a${'\u0301'.repeat(4)}…`)
  })
})

describe('Markdown', () => {
  it('markdownSafe text adds no column, markup, link or mention to a table row', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const safe = markdownSafe(text)
        expect(safe).not.toMatch(/[|`<>[\]()*_~\\!"'$\n]/u)
        expect(safe).not.toMatch(/@|:\/\/|www\./u)
        expect(safe.replaceAll(/&#\d+;/gu, '')).not.toMatch(/[&#]/u)
      }),
    )
  })

  it('markdownSafe separates an @ from the following name', () => {
    expect(markdownSafe('by @octocat')).toBe('by &#64;&#8203;octocat')
  })

  it('markdownSafe does not change the name of a repository', () => {
    expect(markdownSafe('ismenablement/repo-b')).toBe('ismenablement/repo-b')
  })
})

describe('Mermaid', () => {
  it('mermaidSafe text contains no character that could end a label', () => {
    holds((text) => expect(mermaidSafe(text).replaceAll(/#\d+;/gu, '')).not.toMatch(/["#;`<>[\]{}|\\]/u))
  })
})

describe('workflow commands', () => {
  it('workflowMessageSafe and workflowPropertySafe escape text in the way that the runner unescapes it', () => {
    expect(workflowMessageSafe('100%: a,\nb')).toBe('100%25: a,%0Ab')
    expect(workflowPropertySafe('100%: a,b')).toBe('100%25%3A a%2Cb')
  })
})

describe('step outputs', () => {
  it('outputSafe puts line breaks between random delimiters', () => {
    expect(outputSafe('name', 'a\nb=c', 'orch_9')).toBe('name<<orch_9\na\nb=c\norch_9\n')
  })

  it('outputSafe throws when the value contains the delimiter', () => {
    expect(() => outputSafe('name', 'x\norch_9\n', 'orch_9')).toThrow('contains its delimiter')
  })
})

describe('JSON', () => {
  it('jsonSafe text parses to the same value', () => {
    holds((text) => expect(JSON.parse(jsonSafe({ [text]: [text] }, 2))).toEqual({ [text]: [text] }))
  })

  it('jsonSafe text contains no workflow command', () => {
    holds((text) => expect(jsonSafe({ text }, 2).split('\n').filter(isWorkflowCommand)).toEqual([]))
  })

  it('jsonSafe text without indentation is one line', () => {
    holds((text) => expect(jsonSafe({ text })).not.toMatch(/[\n\r]/u))
  })
})

describe('addresses', () => {
  it('webAddress returns printable ASCII that ends neither a Markdown link nor an OSC 8 sequence', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expect(webAddress(`https://github.com/${text}`) ?? '').toMatch(/^[!#-&+-;=?-Z_a-z~]*$/u)
      }),
    )
  })

  it('webAddress returns only http and https addresses, without a password', () => {
    expect(webAddress('javascript:alert(1)')).toBeNull()
    expect(webAddress('no address')).toBeNull()
    expect(webAddress('https://user:secret@github.com/a/b')).toBe('https://github.com/a/b')
  })
})

describe('a word for a shell', () => {
  it('shellWord quotes text that the shell reads as more than one word', () => {
    expect(shellWord('feature/DPTA-1')).toBe('feature/DPTA-1')
    expect(shellWord("x;$(rm)'y")).toBe(`'x;$(rm)'\\''y'`)
  })
})
