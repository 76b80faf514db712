import type { Experiment } from './experiment.js'
import { engine } from './rows/engine.js'
import { histories } from './rows/histories.js'
import { hundredOfFiveMinutes, hundredStatuses, hourOfHundred, secondRun } from './rows/hundred-builds.js'
import { hundredProcess } from './rows/hundred-process.js'
import { makespan } from './rows/makespan.js'
import { fiveMinutes, longBuildRequests, shortBuildRequests, shortBuildWithoutStatus } from './rows/one-build.js'
import { plan100, plan1000 } from './rows/plan.js'
import { scale } from './rows/scale.js'
import { shortBuild } from './rows/short-build.js'
import { startUp } from './rows/start-up.js'
import { tests } from './rows/tests.js'
import { serviceExperiments } from './service/service-experiments.js'

/** All experiments, in the order in which they run. Those that depend on the machine come first, while it is idle. */
export const experiments: readonly Experiment[] = [
  startUp,
  plan100,
  plan1000,
  engine,
  shortBuild,
  hundredProcess,
  ...serviceExperiments,
  shortBuildWithoutStatus,
  shortBuildRequests,
  longBuildRequests,
  fiveMinutes,
  makespan,
  hundredStatuses,
  secondRun,
  hundredOfFiveMinutes,
  hourOfHundred,
  scale,
  histories,
  tests,
]
