// This is a separate module because undici is CommonJS: when it is bundled, an `import()` of it has no named exports.
export { EnvHttpProxyAgent, fetch } from 'undici'
