// Loaded together when GitHub has answered the first request.
export { planChange as createPlan } from '../../engine/build/plan/plan.js'
export { readFreshness } from './read-freshness.js'
