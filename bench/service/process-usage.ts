import { readdir, readFile } from 'node:fs/promises'

/** The unit of CPU times in /proc, fixed at 100 on Linux for x86 and ARM. */
const ticksPerSecond = 100

/** User and system CPU time of a process so far, s. */
export async function cpuSeconds(pid: number): Promise<number> {
  const { ticks } = await readStat(pid)
  return ticks / ticksPerSecond
}

/** Peak resident memory of a process since its start, MB of 1024 × 1024. */
export async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const kilobytes = Number(/^VmHWM:\s+([0-9]+) kB$/mu.exec(status)?.[1])
  if (Number.isNaN(kilobytes)) throw new Error(`the system reports no memory of the process ${pid}`)
  return kilobytes / 1024
}

/** User and system CPU time so far of the processes that a process has started and that are running, s. */
export async function childrenCpuSeconds(pid: number): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^[0-9]+$/u.test(name)).map(Number)
  // A process may end between the listing and the reading.
  const stats = await Promise.all(pids.map((each) => readStat(each).catch(() => null)))
  const ticks = stats.reduce((sum, stat) => sum + (stat?.parent === pid ? stat.ticks : 0), 0)
  return ticks / ticksPerSecond
}

export async function parentOf(pid: number): Promise<number> {
  return (await readStat(pid)).parent
}

async function readStat(pid: number): Promise<{ parent: number; ticks: number }> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  return parseStat(stat)
}

/** Reads the parent and the CPU time from /proc/<pid>/stat. The name of the command may contain spaces and brackets. */
export function parseStat(stat: string): { parent: number; ticks: number } {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [parent, user, system] = [fields[1], fields[11], fields[12]].map(Number)
  if (parent === undefined || user === undefined || system === undefined || Number.isNaN(parent + user + system))
    throw new Error('the system reports a process in an unknown form')
  return { parent, ticks: user + system }
}
