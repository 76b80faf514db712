import { jsonVersion } from '../../model/wire/common.js'
import type { RepositorySetupJson, SetupFileJson, SetupJson } from '../../model/wire/setup.js'
import type { SetupFile, SetupReport, SetupResult } from '../../model/setup.js'
import { diffOf } from '../views/setup-view.js'
import { failureJson } from './common-json.js'

/** The document of `orch setup --json`. */
export function setupToJson({ isDryRun, isRemoval, results }: SetupReport): SetupJson {
  return { version: jsonVersion, isDryRun, isRemoval, repositories: results.map(resultJson) }
}

function resultJson({ repo, kind, setup, pullRequest, failure }: SetupResult): RepositorySetupJson {
  return {
    repository: repo,
    files: (setup?.files ?? []).map(fileJson),
    ruleset: setup?.ruleset ?? null,
    pullRequest,
    result: kind,
    failure: failure === null ? null : failureJson(failure),
  }
}

function fileJson(file: SetupFile): SetupFileJson {
  return { path: file.path, step: file.step, diff: diffOf(file).join('\n') }
}
