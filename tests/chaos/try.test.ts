import { test } from 'vitest'
import { playChaos, describeTally } from './chaos.js'
test('try', async () => {
  const started = Date.now()
  const t = await playChaos({
    seed: Number(process.env['SEED'] ?? 1),
    count: Number(process.env['COUNT'] ?? 60),
    parallel: Number(process.env['PAR'] ?? 6),
    scale: Number(process.env['SCALE'] ?? 40),
    onPlayed: (seed, p, f) => {
      if (f.length > 0)
        console.log(
          seed,
          JSON.stringify(f),
          'kills',
          p.kills,
          p.evidence.lines.map((l) => l.name + ':' + l.processes.map((x) => x.command + x.code).join('+')).join(' '),
        )
      if (process.env['ENDS'])
        console.log(
          seed,
          p.evidence.lines
            .map(
              (l) =>
                l.name +
                ':' +
                l.processes
                  .map((x) => x.command + x.code + ' ' + x.output.trim().split('\n').slice(-3).join(' // '))
                  .join('+'),
            )
            .join(' || ')
            .slice(0, 700),
        )
      if (process.env['SHOW']) {
        for (const l of p.evidence.lines)
          for (const pr of l.processes) console.log(l.name, pr.command, pr.code, pr.output)
        console.log(p.evidence.statuses, p.evidence.runs, p.evidence.heads)
        for (const e of p.evidence.exchanges)
          console.log(e.line, e.method, e.path, e.arrivedAt % 10000000, (e.answeredAt ?? 0) % 10000000, e.status)
      }
    },
  })
  console.log(describeTally(t).join('\n'), Date.now() - started, 'ms')
}, 3000000)
