import type { Check } from '../../model/check.js'
import { jsonVersion } from '../../model/wire/common.js'
import type { DoctorJson } from '../../model/wire/doctor.js'

/** The document of `orch doctor --json`. */
export function checksToJson(checks: readonly Check[]): DoctorJson {
  return {
    version: jsonVersion,
    checks: checks.map(({ id, repository, status, message, fix }) => ({ id, repository, status, message, fix })),
  }
}
