import { nodeId, timestamp } from '../present/common.js'
import type { Fields } from './fields.js'
import type { AccountSource } from './sources.js'

/** The fields of `User` and `Organization`. */
export const accountFields: Fields<AccountSource> = {
  id: ({ account }) => nodeId(account.type, account.id),
  databaseId: ({ account }) => account.id,
  login: ({ account }) => account.login,
  createdAt: ({ account }) => timestamp(account.createdAt),
  resourcePath: ({ account }) => `/${account.login}`,
  url: ({ account }, _args, { world }) => `${world.webUrl()}/${account.login}`,
}
