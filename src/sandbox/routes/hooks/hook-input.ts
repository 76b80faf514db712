import type { HookInput } from '../../webhooks/add-hook.js'
import type { Result } from '../../http/answer.js'
import { found, invalid, invalidRequest, refuse } from '../../http/answer.js'
import type { Body } from '../../http/body.js'
import { readFields } from '../../http/body.js'
import type { Hook, HookConfig, HookOwner } from '../../state/hook.js'
import { isEventOf } from '../../webhooks/event-names.js'

/** Reads the body that creates a hook. An organization's needs the name `web`. */
export function readNewHook(body: Body, type: HookOwner['type']): Result<HookInput> {
  if (type === 'organization') {
    const required = readFields(body, { name: 'string', config: 'object' })
    if (!required.ok) return required
  }
  const fields = readFields(body, { name: 'string?', config: 'object?', events: 'array?', active: 'boolean?' })
  if (!fields.ok) return fields
  const { name = 'web', config = {}, events = ['push'], active = true } = fields.value
  if (name !== 'web') return refuse(invalid([{ resource: 'Hook', field: 'name', code: 'invalid' }]))
  const read = readConfig(config, null)
  if (!read.ok) return read
  const names = readEvents(events, type)
  return names.ok ? found({ active, config: read.value, events: names.value }) : names
}

/** Reads the body that changes a hook. A config replaces the whole one, so that one without a secret removes the secret. */
export function readHookChange(body: Body, hook: Hook): Result<HookInput> {
  const fields = readFields(body, {
    config: 'object?',
    events: 'array?',
    add_events: 'array?',
    remove_events: 'array?',
    active: 'boolean?',
  })
  if (!fields.ok) return fields
  const { config, events, add_events: added = [], remove_events: removed = [], active = hook.active } = fields.value
  const read = config === undefined ? found(hook.config) : readConfig(config, null)
  if (!read.ok) return read
  const wanted = [...(events ?? hook.events), ...added].filter((event) => !removed.includes(event))
  const names = readEvents(wanted, hook.owner.type)
  return names.ok ? found({ active, config: read.value, events: names.value }) : names
}

/** Reads a config. What it lacks is taken from `present`, or has GitHub's default if that is null. */
export function readConfig(config: Body, present: HookConfig | null): Result<HookConfig> {
  const fields = readFields(config, { url: 'string?', content_type: 'string?', secret: 'string?' })
  if (!fields.ok) return fields
  const { url = present?.url, secret } = fields.value
  const contentType = fields.value.content_type ?? present?.contentType ?? 'form'
  const { insecure_ssl: insecure = present?.insecureSsl ?? '0' } = config
  const insecureSsl = typeof insecure === 'number' ? String(insecure) : insecure
  if (url === undefined || url === '') return refuse(problem('Config must contain URL for webhooks'))
  if (!isWebAddress(url)) {
    return refuse(
      problem("The URL you've entered is not valid. Please make sure that you encode all special characters first"),
    )
  }
  if (contentType !== 'json' && contentType !== 'form') {
    return refuse(problem(`content_type must be one of ["json", "form"], was ${JSON.stringify(contentType)}`))
  }
  if (insecureSsl !== '0' && insecureSsl !== '1') {
    return refuse(problem(`insecure_ssl must be one of ["0", "1"], was ${JSON.stringify(insecureSsl)}`))
  }
  const kept = secret ?? present?.secret ?? null
  return found({ url, contentType, insecureSsl, secret: kept === '' ? null : kept })
}

/** Returns 422 for a second hook that would deliver the same events to the same receiver. */
export function duplicateOf(made: HookInput, others: readonly Hook[], type: HookOwner['type']): Result<null> {
  const isEverything = (events: string[]): boolean => events.includes('*')
  const duplicate = others.find(({ config, events }) => {
    if (config.url !== made.config.url || config.contentType !== made.config.contentType) return false
    return isEverything(events) || isEverything(made.events) || events.some((event) => made.events.includes(event))
  })
  return duplicate === undefined ? found(null) : refuse(problem(`Hook already exists on this ${type}`))
}

function problem(message: string): ReturnType<typeof invalid> {
  return invalid([{ resource: 'Hook', code: 'custom', message }])
}

function isWebAddress(text: string): boolean {
  // The URL parser accepts and encodes characters that GitHub refuses.
  if (/[\s"<>\\^`{|}]/.test(text) || !URL.canParse(text)) return false
  return ['http:', 'https:'].includes(new URL(text).protocol)
}

function readEvents(events: unknown[], type: HookOwner['type']): Result<string[]> {
  const wrong = events.find((event) => typeof event !== 'string')
  if (wrong !== undefined) {
    return refuse(invalidRequest(`For 'properties/events', ${JSON.stringify(wrong)} is not a string.`))
  }
  const names = [...new Set(events.map(String))]
  const isKnown = names.every((name) => isEventOf(type, name))
  return isKnown && names.length > 0
    ? found(names)
    : refuse(invalid([{ resource: 'Hook', field: 'events', code: 'invalid' }]))
}
