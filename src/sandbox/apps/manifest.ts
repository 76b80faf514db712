import { isObject } from '../http/body.js'
import type { AppPermissions } from '../state/app-model.js'
import { isEventOf } from '../webhooks/event-names.js'
import { isPermissionName } from './permission-names.js'

/** The properties of a new App that a program proposes in a browser. */
export interface Manifest {
  name: string | null
  url: string
  description: string | null
  hook: { url: string; active: boolean } | null
  redirectUrl: string | null
  callbackUrls: string[]
  setupUrl: string | null
  isPublic: boolean
  permissions: AppPermissions
  events: string[]
}

/** Reads a manifest in JSON. Returns every problem found. */
export function readManifest(text: string): { ok: true; manifest: Manifest } | { ok: false; problems: string[] } {
  const given = parsed(text)
  if (given === null) return { ok: false, problems: ['The manifest is not a JSON object.'] }
  const reader = new ManifestReader(given)
  const hook = reader.object('hook_attributes')
  const hookReader = new ManifestReader(hook ?? {}, reader.problems)
  const manifest: Manifest = {
    name: reader.text('name'),
    url: reader.url('url') ?? reader.missing('url'),
    description: reader.text('description'),
    hook:
      hook === null
        ? null
        : { url: hookReader.url('url') ?? hookReader.missing('url'), active: hookReader.flag('active', true) },
    redirectUrl: reader.url('redirect_url'),
    callbackUrls: reader.texts('callback_urls'),
    setupUrl: reader.url('setup_url'),
    isPublic: reader.flag('public', false),
    permissions: reader.permissions('default_permissions'),
    events: reader.events('default_events'),
  }
  return reader.problems.length === 0 ? { ok: true, manifest } : { ok: false, problems: reader.problems }
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** Reads fields of a manifest, and collects what is wrong with them. */
class ManifestReader {
  readonly problems: string[]
  readonly #given: Record<string, unknown>

  constructor(given: Record<string, unknown>, problems: string[] = []) {
    this.#given = given
    this.problems = problems
  }

  missing(name: string): '' {
    if (this.#given[name] === undefined) this.problems.push(`"${name}" wasn't supplied.`)
    return ''
  }

  text(name: string): string | null {
    const value = this.#given[name]
    if (value === undefined || value === null || typeof value === 'string') return value ?? null
    this.problems.push(`"${name}" is not a string.`)
    return null
  }

  url(name: string): string | null {
    const value = this.text(name)
    if (value === null) return null
    const isWeb = URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
    if (!isWeb) this.problems.push(`"${name}" is not a valid URL.`)
    return value
  }

  flag(name: string, byDefault: boolean): boolean {
    const value = this.#given[name] ?? byDefault
    if (typeof value === 'boolean') return value
    this.problems.push(`"${name}" is not a boolean.`)
    return byDefault
  }

  texts(name: string): string[] {
    const value = this.#given[name] ?? []
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
    this.problems.push(`"${name}" is not an array of strings.`)
    return []
  }

  events(name: string): string[] {
    const events = this.texts(name)
    const unknown = events.filter((event) => event === '*' || !isEventOf('app', event))
    if (unknown.length > 0) this.problems.push(`Default events unsupported: ${unknown.join(', ')}`)
    return events
  }

  object(name: string): Record<string, unknown> | null {
    const value = this.#given[name] ?? null
    if (value === null || isObject(value)) return value
    this.problems.push(`"${name}" is not an object.`)
    return null
  }

  permissions(name: string): AppPermissions {
    const permissions: AppPermissions = {}
    for (const [permission, level] of Object.entries(this.object(name) ?? {})) {
      const isLevel = level === 'read' || level === 'write' || level === 'admin'
      if (isLevel && isPermissionName(permission)) permissions[permission] = level
      else this.problems.push(`"${name}": ${JSON.stringify({ [permission]: level })} is not a permission.`)
    }
    return permissions
  }
}
