import type { Host } from '../ports/host/host.js'

/** Everything that the service needs of GitHub. Ports that only the service uses join here. */
export type ServiceHost = Host
