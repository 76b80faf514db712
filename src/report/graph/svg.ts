import { cutMiddle } from '../../lib/text-width.js'
import type { GraphJob } from '../views/graph-view.js'
import { layoutGraph, nodeSize } from './layout.js'
import type { PlacedNode } from './layout.js'
import { darkPictureColors, lightPictureColors, pictureRules } from './picture-style.js'
import { jobTones, signs } from './tone.js'

/** Columns of text that fit a node. */
const nameColumns = 19
const stateColumns = 22

/** A larger graph is not drawn: nobody could read it, and placing it would take seconds. */
export const maxDrawnJobs = 100

/** The graph from left to right as an SVG element, whose looks are CSS classes of the page around it. A screen reader reads its title and the states. */
export function drawSvg(jobs: readonly GraphJob[]): string {
  return element(jobs, '')
}

/** The graph as an SVG document of its own, light or dark as the reader's system is. */
export function drawSvgDocument(jobs: readonly GraphJob[]): string {
  return element(jobs, `<style>${documentStyle}</style>`)
}

function element(jobs: readonly GraphJob[], style: string): string {
  const { width, height, nodes, edges } = layoutGraph(jobs)
  const byId = new Map(jobs.map((job) => [job.id, job]))
  const words = jobs.map(({ id, state }) => (state === '' ? id : `${id}: ${state}`)).join('; ')
  const size = `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="picture" role="img" aria-labelledby="graph-title graph-text" ${size}>`,
    '<title id="graph-title">Graph of the jobs, from left to right</title>',
    `<desc id="graph-text">${escapeXml(words)}</desc>`,
    style,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto"><path class="arrow" d="M0 0 L8 4 L0 8 z"/></marker></defs>',
    ...edges.map(({ path }) => `<path class="edge" d="${path}" marker-end="url(#arrow)"/>`),
    ...nodes.map((node) => drawNode(node, byId.get(node.id))),
    '</svg>',
  ].join('')
}

function drawNode({ x, y }: PlacedNode, job: GraphJob | undefined): string {
  if (!job) return ''
  const { id, state, displayState, isPart } = job
  const tone = jobTones[displayState]
  const name = escapeXml(cutMiddle(id, nameColumns))
  const drawnState = escapeXml(cutMiddle(`${signs[tone]} ${state}`, stateColumns))
  const left = x + 12
  const text =
    state === ''
      ? `<text class="name" x="${left}" y="${y + 31}">${name}</text>`
      : `<text class="name" x="${left}" y="${y + 22}">${name}</text><text class="state" x="${left}" y="${y + 40}">${drawnState}</text>`
  return [
    `<g class="node ${tone}${isPart ? '' : ' outside'}">`,
    `<title>${escapeXml(state === '' ? id : `${id}: ${state}`)}</title>`,
    `<rect x="${x}" y="${y}" width="${nodeSize.width}" height="${nodeSize.height}" rx="8"/>`,
    `${text}</g>`,
  ].join('')
}

/** Text for an element of XML. What XML does not allow at all, such as most control characters, was replaced when it was sanitized. */
function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** A document has no page around it, and follows the reader's system by itself. */
const documentStyle = `svg { ${lightPictureColors} font-family: system-ui, sans-serif; }
@media (prefers-color-scheme: dark) { svg { ${darkPictureColors} } }${pictureRules}`
