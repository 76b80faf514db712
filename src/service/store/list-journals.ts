import { branchIn } from '../../store/journal-format.js'
import type { Database } from '../database/database.js'

/** Ids of all journals, oldest first. */
export async function listJournals({ query }: Database): Promise<string[]> {
  const rows = await query<{ id: string }>('SELECT id FROM orch.journals ORDER BY id COLLATE "C"')
  return rows.map(({ id }) => id)
}

/** Ids of the journals of a branch, oldest first. */
export async function listJournalsOf(database: Database, branch: string): Promise<string[]> {
  await fillBranches(database)
  const select = 'SELECT id FROM orch.journals WHERE branch = $1 ORDER BY id COLLATE "C"'
  return (await database.query<{ id: string }>(select, [branch])).map(({ id }) => id)
}

/**
 * Sets the branch of the journals whose rows do not have it: a replica of an earlier version, which may still run, writes such ones. A journal
 * whose lines do not name it is looked at again, because its first event may be still to come.
 */
async function fillBranches({ query }: Database): Promise<void> {
  const rows = await query<{ id: string; lines: string[] }>(
    `SELECT id, array_agg(text ORDER BY line) AS lines FROM orch.journals JOIN orch.journal_lines ON journal = id
     WHERE branch IS NULL AND line <= 2 GROUP BY id`,
  )
  const found = rows.flatMap(({ id, lines }) => {
    const branch = branchIn(lines)
    return branch === null ? [] : [{ id, branch }]
  })
  if (found.length === 0) return
  await query(
    `UPDATE orch.journals j SET branch = f.branch FROM unnest($1::text[], $2::text[]) AS f (id, branch)
     WHERE j.id = f.id AND j.branch IS NULL`,
    [found.map(({ id }) => id), found.map(({ branch }) => branch)],
  )
}
