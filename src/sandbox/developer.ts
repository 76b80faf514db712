/** The login of the user of the sandbox: the owner of its token, and each visitor of its pages. */
export const DEVELOPER = 'developer'
