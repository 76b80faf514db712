import { fileURLToPath } from 'node:url'

/**
 * The script that starts the native compiler (docs/decisions/0030-native-checks.md). Another package, the programming interface of
 * TypeScript 6, installs a `tsc` as well, so the name in node_modules/.bin is ambiguous.
 */
export const tsc = fileURLToPath(new URL('../node_modules/@typescript/native/bin/tsc', import.meta.url))
