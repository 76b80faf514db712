/** A hint for an error code of the parser and the text it points at; undefined: the message is enough. */
export function yamlHint(code: string, found: string): string | undefined {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'indent with spaces'
    case 'TAG_RESOLVE_FAILED':
      return `tags are not supported; quote a text that starts with an exclamation mark: '${found.slice(0, 60)}'`
    case 'BAD_ALIAS':
      return 'quote a text that starts with an asterisk'
    case 'BAD_SCALAR_START':
      return 'quote a text that starts with this character'
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'BLOCK_IN_FLOW':
    case 'MULTILINE_IMPLICIT_KEY':
      return 'check for a missing or extra colon, bracket or indentation before it'
    case 'UNEXPECTED_TOKEN':
      return 'quote a text with special characters'
    case 'BAD_INDENT':
      return 'check for an open bracket before it; lines of one level start in the same column'
    case 'RESOURCE_EXHAUSTION':
      return 'remove levels'
    case 'KEY_OVER_1024_CHARS':
      return 'a key on one line is at most 1,024 characters long'
    default:
      return undefined
  }
}
