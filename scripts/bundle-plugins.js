// What the bundle adds to esbuild's defaults because it makes a start faster; docs/decisions/0023-plain-bundle.md has the figures.
import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'

/**
 * One chunk for the `common` modules. esbuild makes a chunk for each different set of entry points that share a module, and
 * each `import()` is an entry point: dozens of small files, each of which costs a start about a millisecond. Here every `import()` of a
 * source imports the common modules as well, so that all of these are shared by the same set.
 */
export function commonChunk(root, common) {
  const imports = common.map((file) => `import ${JSON.stringify(resolve(root, file))}\n`).join('')
  return {
    name: 'common-chunk',
    setup({ onResolve, onLoad, resolve: find }) {
      onResolve({ filter: /^/ }, async ({ kind, path, importer, resolveDir }) => {
        if (kind !== 'dynamic-import' || path.startsWith('node:')) return undefined
        const found = await find(path, { kind: 'import-statement', importer, resolveDir })
        return { ...found, suffix: '?late' }
      })
      onLoad({ filter: /\.[jt]s$/ }, ({ path, suffix }) => {
        if (suffix !== '?late') return undefined
        const from = JSON.stringify(path)
        const exported = path.includes('node_modules') ? `export { default } from ${from}` : ''
        return { contents: `${imports}export * from ${from}\n${exported}`, resolveDir: dirname(path) }
      })
    },
  }
}

/**
 * Parts of Node that take milliseconds to load and that most commands do not use: each is loaded by the first call of one of its
 * functions. Only functions can be imported this way; the build fails where a source imports anything else. Commander loads
 * `child_process` at once and never calls it; other packages keep their own `require`.
 */
export const lazyBuiltins = {
  name: 'lazy-builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:(child_process|crypto)$/ }, ({ path, importer, kind }) =>
      kind === 'import-statement' || importer.includes('node_modules/commander/')
        ? { path, namespace: 'lazy-builtin', sideEffects: false }
        : undefined,
    )
    onLoad({ filter: /^/, namespace: 'lazy-builtin' }, ({ path }) => {
      const builtin = createRequire(import.meta.url)(path)
      const names = Object.keys(builtin).filter((name) => typeof builtin[name] === 'function' && /^[a-z]/u.test(name))
      const lines = names.map((name) => `export const ${name} = (...args) => require('${path}').${name}(...args)`)
      return { contents: lines.join('\n') }
    })
  },
}

/** Requests are made by their routes, so the table of the REST API's thousand endpoint methods (`octokit.rest`) stays out. */
export const withoutEndpointMethods = {
  name: 'without-endpoint-methods',
  setup({ onLoad }) {
    onLoad({ filter: /plugin-rest-endpoint-methods[\\/].*[\\/]generated[\\/]endpoints\.js$/ }, () => ({
      contents: 'export default {}',
    }))
  },
}
