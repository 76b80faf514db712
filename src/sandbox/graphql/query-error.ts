/** An error that GitHub gives in `errors` beside the data, with the type that stands in it; null: none. */
export class QueryError extends Error {
  override readonly name = 'QueryError'
  readonly type: string | null

  constructor(type: string | null, message: string) {
    super(message)
    this.type = type
  }
}
