/** What every error of the client extends. `code` distinguishes the classes, also between two copies of this package. */
export class FlowClientError extends Error {
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }
}

/** There is no event, run or flow of this id. */
export class NotFoundError extends FlowClientError {
  constructor(message: string) {
    super('NOT_FOUND', message)
  }
}

/** What was sent is not valid. Nothing was kept. */
export class InvalidRequestError extends FlowClientError {
  /** Such as `payload` or `context.files[2].name`; empty: the request as a whole. */
  readonly field: string

  constructor(field: string, message: string) {
    super('INVALID_REQUEST', message)
    this.field = field
  }
}

/** Another event has this id. Nothing was changed. */
export class ConflictError extends FlowClientError {
  /** The first field in which the two differ. */
  readonly field: string

  constructor(field: string, message: string) {
    super('CONFLICT', message)
    this.field = field
  }
}

/** The state of a flow or run does not allow what was asked: the run has ended, or the flow is disabled or accepts no handoffs. */
export class NotAllowedError extends FlowClientError {
  constructor(message: string) {
    super('NOT_ALLOWED', message)
  }
}

/** This mode of the client cannot do what was asked. */
export class NotSupportedError extends FlowClientError {
  constructor(message: string) {
    super('NOT_SUPPORTED', message)
  }
}

/** The service does not accept the token or the signature. */
export class UnauthorizedError extends FlowClientError {
  constructor(message: string) {
    super('UNAUTHORIZED', message)
  }
}

/** The service could not be reached, or answered what it never should. */
export class ServiceError extends FlowClientError {
  /** Of the last answer; null: there was none. */
  readonly status: number | null

  constructor(status: number | null, message: string, options?: ErrorOptions) {
    super('SERVICE', message, options)
    this.status = status
  }
}

/** The time of a call was over. What it started may continue. */
export class TimeoutError extends FlowClientError {
  constructor(timeoutMs: number) {
    super('TIMEOUT', `no answer within ${timeoutMs} ms`)
  }
}
