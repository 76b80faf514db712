/** Escapes text for HTML content and attributes. */
export function escape(text: string | number): string {
  return String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

export function link(address: string, text: string): string {
  return `<a href="${escape(address)}">${escape(text)}</a>`
}

export function list(items: string[]): string {
  return items.length === 0 ? '<p>None.</p>' : `<ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`
}

export function page(title: string, body: string, status = 200): Response {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escape(title)}</title><h1>${escape(title)}</h1>${body}</html>`
  return new Response(html, {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'",
      'x-content-type-options': 'nosniff',
    },
  })
}

/** Returns the 404 page. */
export function missingPage(): Response {
  return page('Not Found', `<p>The sandbox has no such page. ${link('/', 'All repositories')}</p>`, 404)
}
