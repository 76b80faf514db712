import { git } from './git-process.js'
import type { GitHttp, GitService } from './git-store.js'

/** Git's smart HTTP protocol over bare repositories on disk, one git process per request. */
export function createDiskHttp(path: (id: number) => string): GitHttp {
  return {
    async advertise(id, service, protocol) {
      const refs = await git([...command(service), '--advertise-refs', path(id)], { environment: version(protocol) })
      return Buffer.concat([Buffer.from(packetLine(`# service=${service}\n`)), Buffer.from('0000'), refs])
    },
    serve(id, service, request, protocol) {
      return git([...command(service), path(id)], { input: request, environment: version(protocol) })
    },
  }
}

function command(service: GitService): string[] {
  return [service.slice('git-'.length), '--stateless-rpc']
}

/** Accepts only a plain version number, because the value enters the environment of git. */
function version(protocol: string | null): Record<string, string> {
  return protocol !== null && /^version=\d$/.test(protocol) ? { GIT_PROTOCOL: protocol } : {}
}

function packetLine(text: string): string {
  return (text.length + 4).toString(16).padStart(4, '0') + text
}
