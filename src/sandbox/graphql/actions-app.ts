import { nodeId } from '../present/common.js'

/** The app that runs workflows on github.com. */
export const ACTIONS_APP = {
  id: nodeId('App', 15368),
  databaseId: 15368,
  name: 'GitHub Actions',
  slug: 'github-actions',
}
