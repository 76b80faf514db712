/** An error in `errors` beside the data, in GitHub's form. With `type` null the error has no type. */
export class QueryError extends Error {
  override readonly name = 'QueryError'
  readonly type: string | null

  constructor(type: string | null, message: string) {
    super(message)
    this.type = type
  }
}
