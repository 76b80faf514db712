/** There was no answer, or nothing was sent; `cause` has the reason. */
export class NoAnswer extends Error {
  constructor(cause: unknown) {
    super(deepestMessage(cause), { cause })
    this.name = 'NoAnswer'
  }
}

/** The cause of a NoAnswer if this process did not send the request. */
export class NotSent extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'NotSent'
  }
}

/** `beforeSend` kept the request from being sent. */
export class Withheld extends NotSent {
  constructor() {
    super('not sent')
    this.name = 'Withheld'
  }
}

/** The message of the innermost cause: Node's fetch says "fetch failed" and keeps the reason in the cause, or in the causes of an AggregateError. */
function deepestMessage(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return deepestMessage(error.errors[0])
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined || error.cause === null ? error.message : deepestMessage(error.cause)
}
