/** The login of the user of the sandbox: the owner of its token, and whoever opens its pages. */
export const DEVELOPER = 'developer'
