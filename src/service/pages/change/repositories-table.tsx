import type { ChangeStatus, RepositoryStatus } from '../../../model/change-status.js'
import { describeBlocker } from '../../../model/merge-blocker.js'
import { labelRepositories } from '../../../report/repo-label.js'
import { noteOf } from '../../../report/views/change-status-view.js'
import { Badge, statusTones } from '../parts/badge.js'
import { Table, none } from '../parts/table.js'
import { External, Name, Sha, Text } from '../parts/text.js'

/** The repositories of the graph: members with their heads, pull requests and statuses, and the others. */
export function RepositoriesTable({ status }: { status: ChangeStatus }) {
  const { repositories, branch } = status
  const label = labelRepositories(repositories.map(({ repo }) => repo))
  const members = repositories.filter(({ kind }) => kind !== 'absent')
  const rows = members.map((row) => ({
    cells: [<Text>{label(row.repo)}</Text>, <Part row={row} branch={branch} />, ...memberCells(row)],
  }))
  const absent = repositories.filter(({ kind }) => kind === 'absent')
  return (
    <>
      {rows.length === 0 ? (
        <p>No repository of the graph has this branch. Push it to one of them and open its pull request.</p>
      ) : (
        <Table
          caption="Repositories that take part in the change"
          columns={['Repository', 'Branch', 'Head', 'Pull requests', 'Status', 'Tested together']}
          rows={rows}
        />
      )}
      {absent.length === 0 ? null : (
        <p class="dim wrap">Without this branch: {absent.map(({ repo }) => label(repo)).join(', ')}.</p>
      )}
    </>
  )
}

/** How the repository takes part. */
function Part({ row, branch }: { row: RepositoryStatus; branch: string }) {
  const note = noteOf(row, branch)
  return (
    <>
      {row.kind === 'member' ? <Badge tone="good" word="member" /> : null}
      {row.kind === 'merged' ? <Badge tone="idle" word="merged" /> : null}
      {row.kind === 'near-miss' ? <Badge tone="bad" word="other case" /> : null}
      {row.kind === 'unreadable' ? <Badge tone="bad" word="not read" /> : null}
      {note === null ? null : (
        <p class="note">
          <Text>{note}</Text>
        </p>
      )}
    </>
  )
}

function memberCells(row: RepositoryStatus) {
  if (row.kind === 'merged') return [<Sha sha={row.merged.headSha} />, none, none, none]
  if (row.kind !== 'member') return [none, none, none, none]
  const { headSha, pullRequests, status, digestMatches, isBaseUnknown, isAhead, blockers } = row
  const tested = isBaseUnknown || digestMatches === null ? none : digestMatches ? 'yes' : 'no, something moved since'
  const missing = isAhead ? 'none, although it has commits' : 'none'
  return [
    <Sha sha={headSha} />,
    pullRequests.length === 0 ? (
      missing
    ) : (
      <ul class="plain">
        {pullRequests.map(({ number, url, title }) => (
          <li>
            <External url={url}>{`#${number}`}</External> <Text>{title}</Text>
            {blockers
              .filter((blocker) => blocker.number === number)
              .map((blocker) => (
                <p class="note">
                  <Text>{describeBlocker(blocker)}</Text>
                </p>
              ))}
          </li>
        ))}
      </ul>
    ),
    status === null ? (
      'none'
    ) : (
      <>
        <Badge tone={statusTones[status.state]} word={status.state} />
        <p class="note">
          <Name>{status.description}</Name>
        </p>
      </>
    ),
    tested,
  ]
}
