import { accountPage, botSlug } from '../present/account.js'
import { nodeId, timestamp } from '../present/common.js'
import type { Fields } from './fields.js'
import type { AccountSource } from './sources.js'

/** The fields of `User`, `Organization` and `Bot`. Only as the viewer, a bot has its login of the REST API. */
export const accountFields: Fields<AccountSource> = {
  id: ({ account }) => nodeId(account.type, account.id),
  databaseId: ({ account }) => account.id,
  login: ({ __typename, account }) => (__typename === 'Bot' ? botSlug(account.login) : account.login),
  createdAt: ({ account }) => timestamp(account.createdAt),
  resourcePath: ({ account }, _args, { world }) => accountPage(world, account).slice(world.webUrl().length),
  url: ({ account }, _args, { world }) => accountPage(world, account),
}
