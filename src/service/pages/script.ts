export const script = ``
