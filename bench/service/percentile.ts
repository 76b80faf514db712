/** The smallest sample that at least this share of the samples does not exceed, such as 0.99. Throws if there is no sample. */
export function percentile(samples: readonly number[], share: number): number {
  if (!(share > 0 && share <= 1)) throw new RangeError(`${share} is not a share`)
  const sorted = [...samples].sort((a, b) => a - b)
  const sample = sorted[Math.ceil(sorted.length * share) - 1]
  if (sample === undefined) throw new Error('there is no sample')
  return sample
}
