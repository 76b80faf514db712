/** What a delivery asks for could not be done, mostly because of GitHub: the task of the delivery is repeated. */
export class FailedTrigger extends Error {}
