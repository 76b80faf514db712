import { format } from 'oxfmt'
import { commonAnswers, operations, parameterOf } from './http-operations.js'
import type { HttpAnswer, HttpOperation } from './http-operations.js'

/** JSON Schemas by the names of their types. */
export type Definitions = Readonly<Record<string, unknown>>

interface TypeSchema {
  type?: string | readonly string[]
  $ref?: string
  description?: string
  anyOf?: readonly TypeSchema[]
  items?: TypeSchema
  enum?: readonly string[]
  properties?: Readonly<Record<string, TypeSchema>>
  required?: readonly string[]
}

const prefix = '#/components/schemas/'

/** The files that describe the HTTP API, by their paths. The definitions are those of the types that requests and answers have. */
export async function openApiFiles(definitions: Definitions): Promise<Record<string, string>> {
  const schemas = toComponents(definitions)
  return {
    'config/openapi.json': await formatted('config/openapi.json', JSON.stringify(documentOf(schemas)), {
      printWidth: 120,
    }),
    'docs/http-api.md': await formatted('docs/http-api.md', pageOf(schemas), { printWidth: 100, proseWrap: 'always' }),
  }
}

async function formatted(path: string, text: string, options: Parameters<typeof format>[2]): Promise<string> {
  const { code, errors } = await format(path, text, options)
  if (errors.length > 0) throw new Error(`${path} cannot be formatted: ${JSON.stringify(errors)}`)
  return code
}

/** The definitions with references as OpenAPI has them. The name of a generic type is none of OpenAPI, so its alias takes its place. */
function toComponents(definitions: Definitions): Record<string, TypeSchema> {
  const names = Object.keys(definitions).filter((name) => !name.includes('<'))
  return Object.fromEntries(
    names.sort().map((name) => {
      const schema = definitions[name] as TypeSchema
      const { $ref, ...alias } = schema
      const generic = $ref?.includes('<') ? definitions[$ref.slice('#/definitions/'.length)] : null
      const text = JSON.stringify(generic ? { ...(generic as TypeSchema), ...alias } : schema)
      return [name, JSON.parse(text.replaceAll('"#/definitions/', `"${prefix}`)) as TypeSchema]
    }),
  )
}

function documentOf(schemas: Record<string, TypeSchema>): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const operation of operations) {
    const { method, path } = operation
    paths[path] = { ...paths[path], [method]: operationOf(operation) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'orch: events, runs and flows',
      version: '1.0.0',
      description: 'What `orch serve` answers about events, runs and flows.',
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, { signature: [], timestamp: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'ORCH_API_TOKEN, or a token of GitHub.' },
        signature: {
          type: 'apiKey',
          in: 'header',
          name: 'x-orch-signature-256',
          description:
            '`sha256=` and the HMAC-SHA256 of `<timestamp>.<METHOD>.<path and query>.<body>` with ORCH_HMAC_SECRET, in hexadecimal digits.',
        },
        timestamp: {
          type: 'apiKey',
          in: 'header',
          name: 'x-orch-timestamp',
          description: 'The time of the signature in seconds since 1970, UTC.',
        },
      },
      schemas,
    },
  }
}

function operationOf({ id, summary, parameters, body, answers }: HttpOperation): object {
  return {
    operationId: id,
    summary,
    ...(parameters.length === 0 ? {} : { parameters: parameters.map(parameterOf) }),
    ...(body === null
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: { $ref: prefix + body } } } } }),
    responses: Object.fromEntries(
      Object.entries({ ...answers, ...commonAnswers }).map(([status, answer]) => [status, answerOf(answer)]),
    ),
  }
}

function answerOf({ description, content }: HttpAnswer): object {
  if ('mediaType' in content) return { description, content: { [content.mediaType]: { schema: { type: 'string' } } } }
  const mediaType = content.type === 'ProblemJson' ? 'application/problem+json' : 'application/json'
  return { description, content: { [mediaType]: { schema: { $ref: prefix + content.type } } } }
}

function pageOf(schemas: Record<string, TypeSchema>): string {
  return [
    '# HTTP API of events, runs and flows',
    'This page is generated from `config/openapi.json` by `npm run schemas`. The service answers that document at `/openapi.json`. [The service](service.md#let-programs-in) says who may send requests and how they are signed.',
    'Every error is `application/problem+json`: `detail` says what happened and what to do, and `field` names the field that is not valid.',
    ...operations.flatMap((operation) => sectionOf(operation)),
    '## Errors of every request',
    tableOf(['status', 'meaning'], answerRows(commonAnswers)),
    '## Types',
    ...Object.entries(schemas)
      .filter(([, { properties }]) => properties !== undefined)
      .flatMap(([name, schema]) => typeSection(name, schema)),
    '',
  ].join('\n\n')
}

function sectionOf({ method, path, summary, parameters, body, answers }: HttpOperation): string[] {
  const rows = parameters.map(parameterOf).map(({ name, in: place, description }) => [code(name), place, description])
  return [
    `## ${method.toUpperCase()} ${path}`,
    summary,
    ...(rows.length === 0 ? [] : [tableOf(['parameter', 'in', 'meaning'], rows)]),
    ...(body === null ? [] : [`The body is a ${linkTo(body)}.`]),
    tableOf(['status', 'answer'], answerRows(answers)),
  ]
}

function answerRows(answers: Readonly<Record<number, HttpAnswer>>): string[][] {
  return Object.entries(answers).map(([status, { description, content }]) => {
    const type = 'type' in content && content.type !== 'ProblemJson' ? ` (${linkTo(content.type)})` : ''
    return [status, `${description.replace(/\.$/u, '')}${type}`]
  })
}

function typeSection(name: string, { description, properties = {}, required = [] }: TypeSchema): string[] {
  const rows = Object.entries(properties).map(([field, schema]) => [
    code(field),
    `${typeText(schema)}${required.includes(field) ? '' : ', optional'}`,
    schema.description ?? '',
  ])
  return [
    `### ${name}`,
    ...(description === undefined ? [] : [description]),
    tableOf(['field', 'type', 'meaning'], rows),
  ]
}

function typeText({ type, $ref, anyOf, items, enum: values }: TypeSchema): string {
  if ($ref !== undefined) return $ref.slice(prefix.length)
  if (anyOf) return anyOf.map(typeText).join(' or ')
  if (values) return values.map(code).join(', ')
  if (type === 'array') return `list of ${items && Object.keys(items).length > 0 ? typeText(items) : 'any value'}`
  if (type === undefined) return 'any JSON value'
  return typeof type === 'string' ? type : type.join(' or ')
}

function linkTo(type: string): string {
  return `[${type}](#${type.toLowerCase()})`
}

function code(text: string): string {
  return `\`${text}\``
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
