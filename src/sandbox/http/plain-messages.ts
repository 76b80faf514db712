/**
 * Requests and responses that stay in this process. To create Node's own takes longer than to compute a short answer: a `Request` follows its
 * signal, and a `Response` wraps its text in a stream. These serve what the sandbox and its clients read; for any other member the real one is created.
 */

type HeaderFields = Readonly<Record<string, string>>

class PlainHeaders implements Iterable<[string, string]> {
  readonly #fields = new Map<string, string>()

  constructor(fields: HeaderFields) {
    for (const name of Object.keys(fields)) this.#fields.set(name.toLowerCase(), fields[name] ?? '')
  }

  get(name: string): string | null {
    return this.#fields.get(name.toLowerCase()) ?? null
  }

  has(name: string): boolean {
    return this.#fields.has(name.toLowerCase())
  }

  set(name: string, value: string): void {
    this.#fields.set(name.toLowerCase(), value)
  }

  forEach(callback: (value: string, name: string) => void): void {
    for (const [name, value] of this.#fields) callback(value, name)
  }

  entries(): IterableIterator<[string, string]> {
    return this.#fields.entries()
  }

  keys(): IterableIterator<string> {
    return this.#fields.keys()
  }

  values(): IterableIterator<string> {
    return this.#fields.values()
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.#fields.entries()
  }
}

type Content = string | Uint8Array | null

/** A message whose body can be read once, also by way of the real one. */
abstract class PlainMessage<Real extends Request | Response> {
  readonly headers: PlainHeaders
  readonly #content: Content
  #isUsed = false
  #real: Real | null = null

  constructor(headers: HeaderFields, content: Content) {
    this.headers = new PlainHeaders(headers)
    this.#content = content
  }

  protected abstract create(content: Content): Real

  /** The real message, without a body that was read before. */
  real(): Real {
    this.#real ??= this.create(this.#isUsed ? null : this.#content)
    return this.#real
  }

  get bodyUsed(): boolean {
    return this.#isUsed || this.#real?.bodyUsed === true
  }

  async text(): Promise<string> {
    if (this.#real !== null) return this.#real.text()
    const content = await this.#read()
    return typeof content === 'string' ? content : decoder.decode(content)
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text()) as unknown
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    if (this.#real !== null) return this.#real.arrayBuffer()
    const content = await this.#read()
    return new Uint8Array(typeof content === 'string' ? encoder.encode(content) : content).buffer
  }

  #read(): Promise<string | Uint8Array> {
    if (this.#isUsed) return Promise.reject(new TypeError('Body is unusable: Body has already been read'))
    this.#isUsed = this.#content !== null
    return Promise.resolve(this.#content ?? '')
  }
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

class PlainRequest extends PlainMessage<Request> {
  readonly method: string
  readonly url: string
  readonly redirect: Request['redirect']
  #signal: AbortSignal | null

  constructor(
    url: string,
    { method = 'GET', headers = {}, body = null, redirect = 'follow', signal = null }: PlainInit,
  ) {
    super(headers, body)
    this.method = method.toUpperCase()
    this.url = new URL(url).href
    this.redirect = redirect
    this.#signal = signal
  }

  get signal(): AbortSignal {
    this.#signal ??= new AbortController().signal
    return this.#signal
  }

  protected create(body: Content): Request {
    const { url, method, redirect, signal, headers } = this
    return new Request(url, { method, redirect, signal, headers: [...headers], body })
  }
}

class PlainResponse extends PlainMessage<Response> {
  readonly status: number

  constructor(content: Content, { status, headers }: { status: number; headers: HeaderFields }) {
    super(headers, content)
    this.status = status
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300
  }

  protected create(content: Content): Response {
    return new Response(content, { status: this.status, headers: [...this.headers] })
  }
}

/** Serves the members of `real` that `plain` does not have itself. */
function completeWith<Real extends object>(plain: { prototype: { real(): Real } }, real: { prototype: Real }): void {
  for (const name of Object.getOwnPropertyNames(real.prototype)) {
    if (name in plain.prototype) continue
    Object.defineProperty(plain.prototype, name, {
      get(this: { real(): Real }): unknown {
        const served = this.real()
        const value: unknown = Reflect.get(served, name)
        return typeof value === 'function' ? (value.bind(served) as unknown) : value
      },
    })
  }
}

export interface PlainInit {
  method?: string
  headers?: HeaderFields
  body?: string | null
  redirect?: Request['redirect']
  signal?: AbortSignal | null
}

completeWith(PlainRequest, Request)
completeWith(PlainResponse, Response)

/** A request to the sandbox in this process. */
export function plainRequest(url: string, init: PlainInit): Request {
  return new PlainRequest(url, init) as unknown as Request
}

export function plainResponse(content: Content, init: { status: number; headers: HeaderFields }): Response {
  return new PlainResponse(content, init) as unknown as Response
}
