import { describeRandomHistories } from './random-histories.js'

describeRandomHistories(3)
