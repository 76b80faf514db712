/** Disk requests and child processes, by the names of node's resources. */
const kinds = new Set(['FSReqPromise', 'FSReqCallback', 'CloseReq', 'ProcessWrap'])

/** Whether this thread waits for the disk or a child process, which the test clock cannot track. */
export function hasMachineWork(): boolean {
  return process.getActiveResourcesInfo().some((kind) => kinds.has(kind))
}
