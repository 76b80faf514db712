/** What would be right, by the parser's error code and the text it points at; undefined: its message says it all. */
export function yamlHint(code: string, found: string): string | undefined {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'indent with spaces'
    case 'TAG_RESOLVE_FAILED':
      return `tags have no place here; a text that begins with an exclamation mark needs quotes: '${found.slice(0, 60)}'`
    case 'BAD_ALIAS':
      return 'a text that begins with an asterisk needs quotes'
    case 'BAD_SCALAR_START':
      return 'a text that begins with this character needs quotes'
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'BLOCK_IN_FLOW':
    case 'MULTILINE_IMPLICIT_KEY':
      return 'is a colon, a bracket or an indentation missing or too much before it?'
    case 'UNEXPECTED_TOKEN':
      return 'a text that holds special characters needs quotes'
    case 'BAD_INDENT':
      return 'is a bracket left open before it? Lines of one level begin in the same column'
    case 'RESOURCE_EXHAUSTION':
      return 'take levels out'
    case 'KEY_OVER_1024_CHARS':
      return 'a key on one line is at most 1,024 characters long'
    default:
      return undefined
  }
}
