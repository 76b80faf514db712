import { jsonSafe, sanitize, sanitizeLines } from '../../../lib/sanitize.js'

/** How much of a JSON value is shown, characters. */
const maxShown = 64 * 1024
/** Deeper values are shown in one line, because their indentation would be longer than they are. */
const maxIndentedDepth = 8

/** What a program of other people printed, or sent: as text, in a block that scrolls by itself, also by keyboard. */
export function Block({ label, text }: { label: string; text: string }) {
  return (
    <pre class="scroll" role="region" aria-label={sanitize(label)} tabindex={0} dir="ltr">
      {sanitizeLines(text)}
    </pre>
  )
}

/** A JSON value of other people. `label`: what it is, such as `Payload`. */
export function JsonBlock({ label, value }: { label: string; value: unknown }) {
  const text = jsonSafe(value, isDeeper(value, maxIndentedDepth) ? 0 : 2)
  const shown = text.slice(0, maxShown)
  return (
    <>
      <Block label={label} text={shown} />
      {shown.length === text.length ? null : (
        <p class="note">Only the beginning is shown. A program gets all of it as JSON from the address of this page.</p>
      )}
    </>
  )
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return depth === 0 || Object.values(value).some((part) => isDeeper(part, depth - 1))
}
