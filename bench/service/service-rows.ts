import type { Row } from '../table.js'

type ServiceRow = Row & { id: `service-${string}` }

const common = { by: 'median', time: 'real', from: 'beside', bound: null } as const

/** The rows of `orch serve`, each over the embedded database and over PostgreSQL where that applies. */
export const serviceRows = [
  {
    ...common,
    id: 'service-event-embedded',
    work: 'from an event (POST of its delivery) to its workload running, idle queue, embedded database',
    unit: 'ms',
    bound: 50,
  },
  {
    ...common,
    id: 'service-event-postgres',
    work: 'from an event (POST of its delivery) to its workload running, idle queue, PostgreSQL',
    unit: 'ms',
  },
  {
    ...common,
    id: 'service-webhook-embedded',
    work: "from a run's completion, told by a webhook, to the next dispatch, idle queue, embedded database",
    unit: 'ms',
    bound: 100,
  },
  {
    ...common,
    id: 'service-webhook-postgres',
    work: "from a run's completion, told by a webhook, to the next dispatch, idle queue, PostgreSQL",
    unit: 'ms',
    bound: 100,
  },
  {
    ...common,
    id: 'service-accepted-outside-embedded',
    work: 'webhooks accepted, of a repository outside the graph, embedded database',
    unit: '/s',
  },
  {
    ...common,
    id: 'service-accepted-inside-embedded',
    work: 'webhooks accepted, of a repository of the graph, embedded database',
    unit: '/s',
  },
  {
    ...common,
    id: 'service-accepted-outside-postgres',
    work: 'webhooks accepted, of a repository outside the graph, PostgreSQL',
    unit: '/s',
  },
  {
    ...common,
    id: 'service-accepted-inside-postgres',
    work: 'webhooks accepted, of a repository of the graph, PostgreSQL',
    unit: '/s',
  },
  {
    ...common,
    id: 'service-answer-embedded',
    work: 'the answer to a webhook at 200 per second, 99th percentile, embedded database',
    unit: 'ms',
    bound: 1_000,
  },
  {
    ...common,
    id: 'service-answer-postgres',
    work: 'the answer to a webhook at 200 per second, 99th percentile, PostgreSQL',
    unit: 'ms',
    bound: 1_000,
  },
  {
    ...common,
    id: 'service-waiting-200-cpu-embedded',
    work: '200 waiting orchestrations: CPU time of the service, embedded database included',
    unit: 'ms/s',
  },
  {
    ...common,
    id: 'service-waiting-200-memory-embedded',
    work: '200 waiting orchestrations: peak memory, embedded database included',
    unit: 'MB',
  },
  {
    ...common,
    id: 'service-waiting-200-cpu-postgres',
    work: '200 waiting orchestrations: CPU time of the service, PostgreSQL apart',
    unit: 'ms/s',
  },
  {
    ...common,
    id: 'service-waiting-200-memory-postgres',
    work: '200 waiting orchestrations: peak memory, PostgreSQL apart',
    unit: 'MB',
  },
  {
    ...common,
    id: 'service-waiting-200-statements-postgres',
    work: '200 waiting orchestrations: SQL statements, PostgreSQL',
    unit: '/s',
  },
  {
    ...common,
    isOnRequest: true,
    id: 'service-waiting-2000-cpu-embedded',
    work: '2,000 waiting orchestrations: CPU time of the service, embedded database included',
    unit: 'ms/s',
  },
  {
    ...common,
    isOnRequest: true,
    id: 'service-waiting-2000-memory-embedded',
    work: '2,000 waiting orchestrations: peak memory, embedded database included',
    unit: 'MB',
  },
  {
    ...common,
    isOnRequest: true,
    id: 'service-waiting-2000-cpu-postgres',
    work: '2,000 waiting orchestrations: CPU time of the service, PostgreSQL apart',
    unit: 'ms/s',
  },
  {
    ...common,
    isOnRequest: true,
    id: 'service-waiting-2000-memory-postgres',
    work: '2,000 waiting orchestrations: peak memory, PostgreSQL apart',
    unit: 'MB',
  },
  {
    ...common,
    isOnRequest: true,
    id: 'service-waiting-2000-statements-postgres',
    work: '2,000 waiting orchestrations: SQL statements, PostgreSQL',
    unit: '/s',
  },
  {
    ...common,
    id: 'service-take-over',
    work: 'from `kill -9` of one of two replicas until the other one has resumed its orchestration, PostgreSQL',
    unit: 's',
    bound: 30,
    by: 'max',
  },
] as const satisfies readonly ServiceRow[]
