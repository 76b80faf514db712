import { notClosed } from '../../config/expression.js'
import { splitSource } from '../../config/source-parts.js'
import type { Problems } from '../../config/yaml/problems.js'
import { quote } from '../../config/yaml/value.js'
import type { Entry, Value } from '../../config/yaml/value.js'
import { didYouMean } from '../../lib/did-you-mean.js'
import { templateFields } from '../../model/flow/flow-template.js'
import type { FlowTemplate, FlowTemplatePart, TemplateEntries, TemplateJson } from '../../model/flow/flow-template.js'

type Text = Extract<Value, { kind: 'text' }>

/** A text with `${{ event.* }}` expressions. Wrong ones are reported at the text and omitted. */
export function readTemplate(value: Text, problems: Problems): FlowTemplate {
  const parts = splitSource(value.text).flatMap((part): FlowTemplatePart[] => {
    if (part.kind === 'text') return [part]
    if (part.kind === 'not-closed') {
      const { message, hint } = notClosed(part)
      problems.error(value, message, hint)
      return []
    }
    const path = readExpression(part.text, value, problems)
    return path ? [{ kind: 'expression', path }] : []
  })
  return { source: value.text, parts }
}

function readExpression(text: string, value: Text, problems: Problems): readonly string[] | undefined {
  const [context, field, ...keys] = text.split('.').map((part) => part.trim())
  const known = templateFields.find((name) => name === field)
  const fields = templateFields.map((name) => `event.${name}`)
  if (context !== 'event' || known === undefined || keys.includes('')) {
    const hint =
      didYouMean(text, fields) ?? `use ${fields.join(', ')}, or a key of the payload such as event.payload.tag`
    problems.error(value, `unknown expression ${quote(text)}`, hint)
    return undefined
  }
  if (known !== 'payload' && keys.length > 0) {
    problems.error(value, `event.${known} is a text and has no ${quote(keys.join('.'))}`, `use event.${known}`)
    return undefined
  }
  return [known, ...keys]
}

/** The text of an entry as a template. Undefined: absent, or not a text, which is reported. */
export function readTemplateText(entry: Entry | undefined, problems: Problems): FlowTemplate | undefined {
  if (!entry) return undefined
  if (entry.value.kind === 'text' && entry.value.text !== '') return readTemplate(entry.value, problems)
  problems.error(entry.value, `${quote(entry.key)} must be a text`, 'put it in quotes')
  return undefined
}

/** The entries of a map in whose texts expressions occur. */
export function readTemplateEntries(entries: readonly Entry[], problems: Problems): TemplateEntries {
  return entries.map(({ key, value }) => [key, readTemplateJson(value, problems)])
}

function readTemplateJson(value: Value, problems: Problems): TemplateJson {
  switch (value.kind) {
    case 'null':
      return { kind: 'value', value: null }
    case 'boolean':
      return { kind: 'value', value: value.boolean }
    case 'number':
      return { kind: 'value', value: value.number }
    case 'text':
      return { kind: 'template', template: readTemplate(value, problems) }
    case 'list':
      return { kind: 'list', items: value.items.map((item) => readTemplateJson(item, problems)) }
    case 'map':
      return { kind: 'map', entries: readTemplateEntries(value.entries, problems) }
  }
}
