/**
 * What an orchestration did to a pull request: its newest status of ours says `success` (`unlocked`), or `pending`, `failure` or
 * `error` (`locked`); it was merged (`merged`); another writer's status came after ours (`left-alone`); the last post failed
 * or was not answered (`unclear`); no status was posted (`untouched`).
 */
export type PullRequestOutcome = 'unlocked' | 'locked' | 'merged' | 'left-alone' | 'unclear' | 'untouched'
