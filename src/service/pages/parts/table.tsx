import type { Child } from 'hono/jsx'

/** A cell without a value; cards leave it out. */
export const none = '–'

export interface Row {
  /** The first cell is the heading of the row. */
  cells: readonly Child[]
}

export interface TableProps {
  /** What the table shows, for a reader who cannot see where it is. */
  caption: string
  columns: readonly string[]
  rows: readonly Row[]
}

/**
 * A table that becomes a list of cards on a narrow screen. The roles are written out, because a browser drops them where the style sheet
 * changes how a table is laid out.
 */
export function Table({ caption, columns, rows }: TableProps) {
  return (
    <table role="table">
      <caption class="hidden">{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((name) => (
            <th role="columnheader" scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map(({ cells }) => (
          <tr role="row">
            {cells.map((cell, index) =>
              index === 0 ? (
                <th role="rowheader" scope="row">
                  {cell}
                </th>
              ) : (
                <td role="cell" data-label={columns[index]} class={cell === none ? 'none' : undefined}>
                  <div>{cell}</div>
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** What to do where there is nothing to show. */
export function Empty({ children }: { children: Child }) {
  return <div class="empty">{children}</div>
}

/** A part of a page that is wider than a narrow screen: it scrolls by itself, also by keyboard. */
export function Scroll({ id, label, children }: { id: string; label: string; children: Child }) {
  return (
    <div class="scroll" id={id} role="region" aria-label={label} tabindex={0}>
      {children}
    </div>
  )
}
