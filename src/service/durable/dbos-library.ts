/** The library in a module of its own: it is CommonJS, and an `import()` of a bundled CommonJS package has no named exports. */
export { DBOS, Error } from '@dbos-inc/dbos-sdk'
