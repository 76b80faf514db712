/** The folder of package.json. The files of `dist/cli` have the same depth as this one. */
export const packageRoot = new URL('../../', import.meta.url)
