// One piece of the bundle: what the first answer of GitHub needs.
export { planChange } from '../engine/build/plan/plan.js'
export { readFreshness } from './read-freshness.js'
