/** The path of this service to open after the login; `/` for anything that could lead elsewhere. */
export function localPath(text: string | undefined): string {
  if (text === undefined || !/^\/(?![/\\])[\x21-\x7e]*$/u.test(text) || text.includes('\\')) return '/'
  const url = new URL(text, 'http://localhost')
  return url.host === 'localhost' && !url.pathname.startsWith('//') ? `${url.pathname}${url.search}` : '/'
}
