export type Paint = 'red' | 'green' | 'yellow' | 'cyan' | 'dim' | 'bold'

/** SGR parameters: on and off (ECMA-48). */
const sgr = { red: [31, 39], green: [32, 39], yellow: [33, 39], cyan: [36, 39], dim: [2, 22], bold: [1, 22] } as const

export function paint(text: string, color: Paint | undefined, options: { color: boolean }): string {
  if (!options.color || color === undefined || text === '') return text
  const [on, off] = sgr[color]
  return `\u001b[${on}m${text}\u001b[${off}m`
}
