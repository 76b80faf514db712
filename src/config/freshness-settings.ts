import { readText, readTexts } from './fields.js'
import type { Problems } from './yaml/problems.js'
import { quote } from './yaml/value.js'
import type { Entry } from './yaml/value.js'

/** The login of a user, or of an App (it ends in `[bot]`). */
const loginPattern = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98})(?:\[bot\])?$/u

/** The logins whose build records are trusted, instead of the token's own user. Undefined: absent. */
export function readTrustedAuthors(entry: Entry | undefined, problems: Problems): readonly string[] | undefined {
  const names = readTexts(entry, problems)
  if (!names || !entry) return undefined
  const known = new Set<string>()
  for (const name of names) {
    const key = name.text.toLowerCase()
    if (/^github-actions(?:\[bot\])?$/u.test(key)) {
      const hint = 'the GITHUB_TOKEN of every repository posts as it: name the user or App that orch runs as'
      problems.error(name, `${quote(name.text)} cannot be trusted`, hint)
    } else if (!loginPattern.test(name.text)) {
      problems.error(
        name,
        `${quote(name.text)} is not a valid GitHub login`,
        'write it like octocat, or my-app[bot] for an App',
      )
    } else if (known.has(key)) problems.error(name, `${quote(name.text)} is listed twice`, 'list it once')
    known.add(key)
  }
  return names.map(({ text }) => text)
}

const units: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000 }
const maxDays = 400

/** The duration, ms. Undefined: absent, or wrong and reported. */
export function readFreshFor(entry: Entry | undefined, problems: Problems): number | undefined {
  if (!entry) return undefined
  const hint = `write it like 7d, 12h or 90m; at most ${maxDays}d, after which GitHub deletes runs`
  if (entry.value.kind === 'number') {
    problems.error(entry.value, `${quote(entry.key)} has no unit`, hint)
    return undefined
  }
  const text = readText(entry, problems)
  if (text === undefined) return undefined
  const isDuration = /^(?=\d)(?:\d{1,4}d)?(?:\d{1,5}h)?(?:\d{1,6}m)?$/u.test(text)
  const parts = [...text.matchAll(/(\d+)([dhm])/gu)]
  const ms = parts.reduce((sum, [, amount = '', unit = '']) => sum + Number(amount) * (units[unit] ?? 0), 0)
  if (isDuration && ms > 0 && ms <= maxDays * 86_400_000) return ms
  problems.error(entry.value, `${quote(entry.key)} must be a duration, not ${quote(text)}`, hint)
  return undefined
}
