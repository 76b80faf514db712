import { actionKey } from '../../../../src/engine/build/decide/actions.js'
import type { Action } from '../../../../src/engine/build/decide/actions.js'
import { decide } from '../../../../src/engine/build/decide/decide.js'
import type { ActionContext } from '../../../../src/engine/build/perform/action-context.js'
import { observePushedRun } from '../../../../src/engine/build/perform/observe.js'
import { perform } from '../../../../src/engine/build/perform/perform.js'
import { apply } from '../../../../src/engine/build/state/apply.js'
import type { EventBody } from '../../../../src/model/build/events.js'
import type { Orchestration } from '../../../../src/model/build/orchestration.js'
import type { Plan, RunOptions } from '../../../../src/model/build/plan.js'
import type { WorkflowRun } from '../../../../src/model/workflow-run.js'
import type { Host } from '../../../../src/ports/host/host.js'
import { fold } from '../fixtures.js'
import type { DatedEvent } from '../fixtures.js'

type Answers = { [Method in keyof Host]?: (...given: never[]) => unknown }

/** The answers of GitHub by method. A method without an answer must not be called. A function is called with what was requested. */
export class Stage {
  state: Orchestration
  now: number
  /** What was emitted. */
  readonly emitted: EventBody[] = []
  /** The types of the facts that were neither journaled nor reported, because they are not news. */
  readonly silent: string[] = []
  /** `[method, ...what was requested]` for each request. */
  readonly requests: unknown[][] = []
  answers: Answers
  /** How often the port asks before it sends a request. */
  asks = 1
  /** Called before the port asks again. */
  betweenAsks: () => void = () => undefined
  private journaledAt: number

  /** @param now the time at which the action is performed, ms */
  constructor(
    plan: Plan,
    events: readonly DatedEvent[],
    now: number,
    { answers = {}, options = {} }: { answers?: Answers; options?: Partial<RunOptions> } = {},
  ) {
    this.state = fold(plan, events, options)
    this.now = now
    this.journaledAt = events.at(-1)?.at ?? 0
    this.answers = answers
  }

  /** Something happens while a request is in flight. */
  happen(...events: DatedEvent[]): void {
    for (const event of events) this.state = apply(this.state, event)
  }

  async perform(action: Action): Promise<EventBody[]> {
    await perform(this.context(), action)
    return this.emitted
  }

  /** Performs the pending action of this key. */
  async performPending(key: string): Promise<EventBody[]> {
    const action = decide(this.state, this.now).find((each) => actionKey(each) === key)
    if (!action) throw new Error(`${key} is not pending`)
    return this.perform(action)
  }

  async push(repo: string, run: WorkflowRun): Promise<EventBody[]> {
    await observePushedRun(this.context(), repo, run)
    return this.emitted
  }

  private context(): ActionContext {
    const pending = (key: string) => decide(this.state, this.now).find((action) => actionKey(action) === key)
    const accept = (event: EventBody): void => {
      this.emitted.push(event)
      this.state = apply(this.state, { ...event, at: this.now })
    }
    return {
      clock: { now: () => this.now, sleep: () => Promise.resolve() },
      github: this.host(),
      state: () => this.state,
      pending,
      wouldBePending: (otherwise, key) => decide(otherwise, this.now).some((action) => actionKey(action) === key),
      emit: (event, isStillTrue = () => true, isNews = () => true) => {
        if (isStillTrue()) {
          const timing = { at: this.now, journaledAt: this.journaledAt, openedAt: 0 }
          if (!isNews(timing)) this.silent.push(event.type)
          accept(event)
        }
        return Promise.resolve()
      },
      emitIntent: (isStillDue, event) => {
        const isDue = isStillDue()
        if (isDue) accept(event)
        return Promise.resolve(isDue)
      },
    }
  }

  private host(): Host {
    const answerOf = (method: string): ((...given: unknown[]) => unknown) => {
      const answer = (this.answers as Readonly<Record<string, ((...given: unknown[]) => unknown) | undefined>>)[method]
      if (!answer) throw new Error(`${method} must not be called`)
      return answer
    }
    return new Proxy({} as Host, {
      get: (_, name) => {
        const method = String(name)
        if (method === 'noteDelivery') return () => undefined
        if (method === 'serverTime') return this.answers.serverTime ?? (() => this.now)
        if (method === 'nextReadingAt') return this.answers.nextReadingAt ?? (() => this.now + 30_000)
        return async (...given: unknown[]): Promise<unknown> => {
          const answer = answerOf(method)
          const requested = given.filter((each) => typeof each !== 'function')
          const beforeSend = given.find((each): each is () => Promise<boolean> => typeof each === 'function')
          for (let ask = 0; beforeSend && ask < this.asks; ask += 1) {
            if (ask > 0) this.betweenAsks()
            if (!(await beforeSend())) return { kind: 'withheld' }
          }
          this.requests.push([method, ...requested])
          return answer(...requested)
        }
      },
    })
  }
}
