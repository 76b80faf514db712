/** The lines that `orch sandbox` prints, each as input for a shell. */
export interface Instructions {
  /** Without a slash at the end. */
  url: string
  /** Sets the variable that the other lines use. */
  token: string
  clone: string
  push: string
  openPull: string
  merge: string
}

/** Extracts the lines from the printed text, unchanged. */
export function readInstructions(printed: string): Instructions {
  const lines = printed.replaceAll('\\\n', '').split('\n')
  const after = (start: string): string => {
    const line = lines.find((text) => text.trimStart().startsWith(start))
    if (line === undefined) throw new Error(`no line starts with "${start}":\n${printed}`)
    return line.trimStart().slice(start.length).trim()
  }
  return {
    url: after('look ').replace(/\/$/u, ''),
    token: `export ${after('export ')}`,
    clone: after('clone '),
    push: after('push '),
    openPull: after('open a PR '),
    merge: after('merge '),
  }
}
