import { didYouMean } from '../../lib/did-you-mean.js'

/** What there is instead of a flow that does not exist, as a sentence. */
export function flowHint(flow: string, known: readonly string[]): string {
  const near = didYouMean(flow, known)
  if (near !== undefined) return `D${near.slice(1)}`
  return known.length === 0 ? 'There are no flows.' : `The flows are ${known.join(', ')}.`
}
