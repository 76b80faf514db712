import type { RepositoryRoute } from '../../http/call.js'
import { collaboratorRoutes } from './collaborators.js'
import { commentRoutes } from './comments.js'
import { reactionRoutes } from './reactions.js'

/** The endpoints of comments, their reactions, and the roles of those who write them. */
export const allCommentRoutes: RepositoryRoute[] = [...commentRoutes, ...reactionRoutes, ...collaboratorRoutes]
