import type { OutcomeText } from '../commands/outcome-text.js'

/** Slack cuts longer texts. */
const maxDetails = 30_000

/** An outcome in Slack's mrkdwn. */
export function renderSlackText({ headline, details }: OutcomeText): string {
  const text = details.trimEnd()
  if (text === '') return headline
  const shown = text.length <= maxDetails ? text : `${text.slice(0, maxDetails)}\n… the rest is omitted`
  return `${headline}\n\`\`\`\n${escapeForSlack(shown)}\n\`\`\``
}

/** Text inside a code block: without mentions, links or the end of the block. */
export function escapeForSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('```', "'''")
}
