import { authenticate } from '../http/access.js'
import type { Account } from '../state/model.js'
import type { World } from '../world.js'
import { escape, page } from './html.js'

/** A request of a browser. */
export interface PageRequest {
  world: World
  request: Request
  path: string
  /** The body. */
  text: string
}

/** Returns the fields of a submitted form. */
export function formOf({ text }: PageRequest): URLSearchParams {
  return new URLSearchParams(text)
}

/**
 * Returns a form with hidden fields, visible content and a field for a token of the user. The site has no login: the token shows who submits the form, and
 * neither another user of this machine nor another web site has it.
 */
export function form(action: string, hidden: Record<string, string>, content: string): string {
  const token = '<p><label>Your token <input type="password" name="token" required autocomplete="off"></label></p>'
  return `<form method="post" action="${escape(action)}">${hiddenFields(hidden)}${token}${content}</form>`
}

export function hiddenFields(hidden: Record<string, string>): string {
  return Object.entries(hidden)
    .map(([name, value]) => `<input type="hidden" name="${escape(name)}" value="${escape(value)}">`)
    .join('')
}

/** Returns the fields of a form with the user whose token it contains, or the page that refuses another token. */
export function submittedForm(
  asked: PageRequest,
): { ok: true; fields: URLSearchParams; user: Account } | { ok: false; page: Response } {
  const fields = formOf(asked)
  const auth = authenticate(asked.world, `token ${fields.get('token') ?? ''}`)
  const actor = auth.ok ? auth.value : null
  if (actor !== null && actor.token.scope === undefined) return { ok: true, fields, user: actor.account }
  return { ok: false, page: page('Sign-in failed', '<p>The token is not one of a user of this sandbox.</p>', 401) }
}

/** Returns a redirect to an address with more query parameters; null values are left out. */
export function redirectWith(address: string, parameters: Record<string, string | null>): Response {
  const url = new URL(address)
  for (const [name, value] of Object.entries(parameters)) if (value !== null) url.searchParams.set(name, value)
  return new Response(null, { status: 302, headers: { location: url.href } })
}
