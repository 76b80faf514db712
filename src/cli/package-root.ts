/** The folder of package.json. The build keeps the depth: every file of `dist/cli` stands as deep as those of `src/cli`. */
export const packageRoot = new URL('../../', import.meta.url)
