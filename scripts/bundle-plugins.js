// Plugins of esbuild that make the start of a command faster; docs/decisions/0023-plain-bundle.md has the figures.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'

/**
 * Puts the `common` modules into one chunk. esbuild makes a chunk for each different set of entry points that share a module, and
 * each `import()` is an entry point. This gives dozens of small files, each of which adds about a millisecond to a start. With this plugin every
 * `import()` of a source also imports the common modules, so that all of them are shared by the same set.
 */
export function commonChunk(root, common) {
  const imports = common.map((file) => `import ${JSON.stringify(resolve(root, file))}\n`).join('')
  return {
    name: 'common-chunk',
    setup({ onResolve, onLoad, resolve: find }) {
      onResolve({ filter: /^/ }, async ({ kind, path, importer, resolveDir }) => {
        if (kind !== 'dynamic-import' || path.startsWith('node:') || importer.includes('node_modules/'))
          return undefined
        const found = await find(path, { kind: 'import-statement', importer, resolveDir })
        if (!path.startsWith('.') && !found.external) {
          const text = `import('${path}') of a bundled package may find no named exports: import it in a late module of ours`
          return { errors: [{ text }] }
        }
        return { ...found, suffix: '?late' }
      })
      onLoad({ filter: /\.[jt]s$/ }, ({ path, suffix }) => {
        if (suffix !== '?late') return undefined
        return { contents: `${imports}export * from ${JSON.stringify(path)}\n`, resolveDir: dirname(path) }
      })
    },
  }
}

/**
 * Defers the modules of Node that take milliseconds to load and that most commands do not use: the first call of one of its functions loads
 * a module. Only functions can be imported this way; the build fails if a source imports anything else. Commander loads
 * `child_process` at once and never calls it; other packages import the modules as usual.
 */
export const lazyBuiltins = {
  name: 'lazy-builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:(child_process|crypto)$/ }, ({ path, importer, kind }) =>
      (kind === 'import-statement' && !importer.includes('node_modules/')) ||
      importer.includes('node_modules/commander/')
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

/**
 * Loads the other modules of Node by `require`. A static import also reads every property of the module: reading those of `http` loads all of
 * undici on Node 22 and newer (60 ms of CPU time), and reading those of `fs` loads its streams.
 */
export const requiredBuiltins = {
  name: 'required-builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'required-builtin', sideEffects: false } : undefined,
    )
    onLoad({ filter: /^/, namespace: 'required-builtin' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)})`,
    }))
  },
}

/** Excludes the table of the REST API's thousand endpoint methods (`octokit.rest`), because orch calls endpoints by their routes. */
export const withoutEndpointMethods = {
  name: 'without-endpoint-methods',
  setup({ onLoad }) {
    onLoad({ filter: /plugin-rest-endpoint-methods[\\/].*[\\/]generated[\\/]endpoints\.js$/ }, () => ({
      contents: 'export default {}',
    }))
  },
}

/**
 * DBOS compares the names of its error classes with names that it has stored, and minifying would change them. Packages for its own logs and
 * traces, which orch does not use, are left out.
 */
export const dbos = {
  name: 'dbos',
  setup({ onResolve, onLoad, esbuild }) {
    const files = /@dbos-inc[\\/]dbos-sdk[\\/].*\.js$/
    onLoad({ filter: files }, async ({ path }) => {
      const { code } = await esbuild.transform(readFileSync(path, 'utf8'), { keepNames: true })
      return { contents: code }
    })
    onResolve({ filter: /^(?:@opentelemetry\/|winston|@dbos-inc\/dbos-enterprise)/ }, ({ path, importer }) =>
      files.test(importer) ? { path, external: true } : undefined,
    )
  },
}
