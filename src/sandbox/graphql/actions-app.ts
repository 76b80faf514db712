import { ACTIONS_APP_ID } from '../present/check-run.js'
import { nodeId } from '../present/common.js'

/** The app that runs workflows on github.com. */
export const ACTIONS_APP = {
  id: nodeId('App', ACTIONS_APP_ID),
  databaseId: ACTIONS_APP_ID,
  name: 'GitHub Actions',
  slug: 'github-actions',
}
