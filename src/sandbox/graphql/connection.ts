import { QueryError } from './query-error.js'

/** The arguments that select a page of a connection. */
export interface PageArguments {
  first?: number
  last?: number
  after?: string
  before?: string
}

export interface Connection<Item> {
  nodes: Item[]
  totalCount: number
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null }
}

const MAX_RECORDS = 100
const CURSOR = 'cursor:v2:'

/** Returns one page of a list, as GitHub's connections do: `first` or `last` is required and is 100 at most. */
export function connectionOf<Item>(name: string, items: readonly Item[], args: PageArguments): Connection<Item> {
  checkSize(name, args)
  const { first, last } = args
  let start = args.after === undefined ? 0 : position(args.after) + 1
  let end = Math.max(start, args.before === undefined ? items.length : Math.min(items.length, position(args.before)))
  if (first !== undefined) end = Math.min(end, start + first)
  if (last !== undefined) start = Math.max(start, end - last)
  const nodes = items.slice(start, end)
  return {
    nodes,
    totalCount: items.length,
    pageInfo: {
      hasNextPage: end < items.length,
      hasPreviousPage: start > 0,
      startCursor: nodes.length === 0 ? null : cursor(start),
      endCursor: nodes.length === 0 ? null : cursor(end - 1),
    },
  }
}

function checkSize(name: string, { first, last }: PageArguments): void {
  if (first === undefined && last === undefined) {
    const problem = `You must provide a \`first\` or \`last\` value to properly paginate the \`${name}\` connection.`
    throw new QueryError('MISSING_PAGINATION_BOUNDARIES', problem)
  }
  for (const [argument, records] of [
    ['first', first],
    ['last', last],
  ] as const) {
    if (records === undefined) continue
    if (records < 0) {
      const problem = `\`${argument}\` on the \`${name}\` connection cannot be less than zero.`
      throw new QueryError('INVALID_PAGINATION_BOUNDARIES', problem)
    }
    if (records > MAX_RECORDS) {
      const limit = `exceeds the \`${argument}\` limit of ${MAX_RECORDS} records.`
      throw new QueryError(
        'EXCESSIVE_PAGINATION',
        `Requesting ${records} records on the \`${name}\` connection ${limit}`,
      )
    }
  }
}

function cursor(index: number): string {
  return Buffer.from(`${CURSOR}${index}`).toString('base64')
}

function position(text: string): number {
  const [, index] = /^cursor:v2:(\d{1,9})$/.exec(Buffer.from(text, 'base64').toString('utf8')) ?? []
  if (index === undefined)
    throw new QueryError('INVALID_CURSOR_ARGUMENTS', `\`${text}\` does not appear to be a valid cursor.`)
  return Number(index)
}
