import type { SlackSettings } from '../model/service-settings.js'
import { readEntries, readFields, readText } from './fields.js'
import type { Problems } from './yaml/problems.js'
import { quote } from './yaml/value.js'
import type { Entry } from './yaml/value.js'

/** The id of a person: `U`, or `W` in an Enterprise Grid. */
const userIdPattern = /^[UW][A-Z0-9]{2,30}$/u
const loginPattern = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98})$/u

/** The settings of Slack. Undefined: absent, or not a map. */
export function readSlack(entry: Entry | undefined, problems: Problems): SlackSettings | undefined {
  if (!entry || entry.value.kind === 'null') return undefined
  const users = readFields(entry.value, ['users'], '"slack"', problems)?.get('users')
  if (!users) return undefined
  const logins: Record<string, string> = {}
  for (const user of readEntries(users.value, '"users"', problems) ?? []) {
    const login = readText(user, problems)
    if (!userIdPattern.test(user.key)) {
      const hint = 'copy the member ID from the profile of the person, such as U0123ABCD'
      problems.error(user.place, `${quote(user.key)} is not the id of a Slack user`, hint)
    } else if (login !== undefined && !loginPattern.test(login)) {
      problems.error(user.value, `${quote(login)} is not a valid GitHub login`, 'write it like octocat')
    } else if (login !== undefined) logins[user.key] = login
  }
  return { users: logins }
}
