// One chunk of the bundle: what processing GitHub's first answer needs.
export { planChange } from '../engine/build/plan/plan.js'
export { readFreshness } from './read-freshness.js'
