// What the bundle loads at the first use of it, because it takes milliseconds and most commands never come to use it.
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** The name of the piece with the REST API's endpoint methods: a thousand functions by their names, of which a request by its route needs none. */
export const endpointMethods = 'rest-endpoint-methods'
export const endpointMethodsSource = resolve(
  import.meta.dirname,
  '../node_modules/@octokit/plugin-rest-endpoint-methods/dist-src/endpoints-to-methods.js',
)

/** Parts of Node, and the endpoint methods of `@octokit/rest`. */
export const lazyModules = {
  name: 'lazy-modules',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?(child_process|crypto|fs\/promises)$/ }, ({ path, namespace, kind }) =>
      namespace === 'lazy' || kind === 'dynamic-import'
        ? undefined
        : { path: path.replace(/^(?!node:)/u, 'node:'), namespace: 'lazy' },
    )
    onLoad({ filter: /^/, namespace: 'lazy' }, ({ path }) => ({ contents: lazyBuiltin(path) }))
    onResolve({ filter: /^\.\/endpoints-to-methods\.js$/ }, ({ importer }) => {
      if (!/[\\/]plugin-rest-endpoint-methods[\\/]dist-src[\\/]index\.js$/u.test(importer)) return undefined
      return { path: endpointMethods, namespace: 'lazy-methods' }
    })
    onResolve({ filter: /^/, namespace: 'lazy-methods' }, ({ path }) => ({ path, external: true }))
    onLoad({ filter: /^/, namespace: 'lazy-methods' }, async () => ({ contents: await lazyMethods() }))
  },
}

function lazyBuiltin(path) {
  const names = JSON.stringify(Object.keys(createRequire(import.meta.url)(path)))
  const getter = `{ enumerable: true, get: () => require('${path}')[name] }`
  return `for (const name of ${names}) Object.defineProperty(exports, name, ${getter})`
}

/** In the place of that source, with its one function: an object for each part of the API, which becomes the real one when something is asked of it. */
export async function lazyMethods() {
  const { endpointsToMethods } = await import(pathToFileURL(endpointMethodsSource).href)
  const scopes = JSON.stringify(Object.keys(endpointsToMethods({})))
  return `
    const traps = ['get', 'set', 'has', 'ownKeys', 'getOwnPropertyDescriptor', 'defineProperty', 'deleteProperty']
    export function endpointsToMethods(octokit) {
      let methods
      const real = (scope) => (methods ??= require('./${endpointMethods}.js').endpointsToMethods(octokit))[scope]
      const lazy = (scope) =>
        new Proxy({}, Object.fromEntries(traps.map((trap) => [trap, (_, ...rest) => Reflect[trap](real(scope), ...rest)])))
      return Object.fromEntries(${scopes}.map((scope) => [scope, lazy(scope)]))
    }`
}
