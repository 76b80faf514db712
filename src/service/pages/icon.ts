/** The icon of the pages: three nodes of a graph. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20"><path d="M6 10 14 5M6 10 14 15" stroke="#8b96a2" stroke-width="1.6" fill="none"/><g fill="#1f8a4c"><circle cx="5" cy="10" r="3"/><circle cx="15" cy="4.5" r="3"/><circle cx="15" cy="15.5" r="3"/></g></svg>
`
