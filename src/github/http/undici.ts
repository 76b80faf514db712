// A module of its own: the bundler gives an `import()` of undici itself, which is CommonJS, no names.
export { EnvHttpProxyAgent, fetch } from 'undici'
