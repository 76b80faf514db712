/** The link to what follows in a list. `path`: the address of the list; nothing for the last page. */
export function NextPage({ path, cursor }: { path: string; cursor: string | null }) {
  if (cursor === null) return null
  const separator = path.includes('?') ? '&' : '?'
  return (
    <p>
      <a class="button" rel="next" href={`${path}${separator}cursor=${encodeURIComponent(cursor)}`}>
        Older
      </a>
    </p>
  )
}
