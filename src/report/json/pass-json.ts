import { jsonVersion } from '../../model/wire/common.js'
import type { PassJson } from '../../model/wire/pass.js'
import type { Passed } from '../../model/passed.js'
import { failureJson } from './common-json.js'

/** The document of `orch pass --json`. */
export function passToJson({ repo, number, result }: Passed): PassJson {
  return {
    version: jsonVersion,
    repository: repo,
    number,
    result: result.kind === 'auth' ? 'failed' : result.kind,
    headSha: 'headSha' in result ? result.headSha : null,
    branch: result.kind === 'coordinated' ? result.branch : null,
    sharedWith: result.kind === 'shared-head' ? result.other : null,
    failure: 'failure' in result ? failureJson(result.failure) : null,
  }
}
