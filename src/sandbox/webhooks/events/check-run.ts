import { presentCheckRun } from '../../present/check-run.js'
import type { CheckRun } from '../../state/check-run.js'
import type { Repository } from '../../state/model.js'
import type { World } from '../../world.js'
import type { WebhookEvent } from '../event.js'

/** `check_run`: an App created or completed a check run. */
export function checkRunEvent(
  world: World,
  action: 'created' | 'completed',
  { repository, run }: { repository: Repository; run: CheckRun },
): WebhookEvent {
  const app = world.directory.state.apps.get(run.appId)
  if (app === undefined) throw new Error(`the App of check run ${run.id} is gone`)
  return {
    name: 'check_run',
    action,
    sender: world.directory.accountById(app.botId),
    repository,
    payload: () => ({ check_run: presentCheckRun(world, repository, { app, run }) }),
  }
}
