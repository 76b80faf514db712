import type { ProcessFaults, RequestFault } from './mortal-process.js'

/** The answers that leave the effect of a request unclear; `before`: GitHub did not execute it. */
export const unclearAnswers: readonly RequestFault[] = (['before', 'after'] as const).flatMap(
  (effect): RequestFault[] => [
    { kind: 'hang', effect },
    { kind: 'respond', status: 500, effect },
    { kind: 'respond', status: 502, effect },
    { kind: 'cut', effect },
  ],
)

/** `502 after its effect`, for the message of a failing test. */
export function nameOf(trouble: RequestFault): string {
  const what = trouble.kind === 'respond' ? String(trouble.status) : trouble.kind
  return `${what} ${trouble.effect} its effect`
}

/** Makes one request fail, or all of a kind from one request on. */
export function troubledAt(
  isTroubled: (asked: { nth: number; label: string }) => boolean,
  trouble: RequestFault,
): ProcessFaults {
  return { trouble: (asked) => (isTroubled(asked) ? trouble : null) }
}

/** A GitHub Enterprise Server up to 3.20: it refuses the key before any run exists, and returns no run ID. */
export const olderServer: ProcessFaults = {
  trouble: ({ label, body }) => {
    if (!label.endsWith('/dispatches')) return null
    if (!body.includes('return_run_details')) return { kind: 'respond', status: 204, effect: 'after' }
    const message = 'Invalid request.\n\n"return_run_details" is not a permitted key.'
    return { kind: 'respond', status: 422, body: { message }, effect: 'before' }
  },
}
