/** A form of a page, as a browser would submit it. */
export interface Form {
  action: string
  /** The fields with their values on the page. */
  fields: Record<string, string>
}

/** The forms of a page; addresses are resolved against that of the page. */
export function formsOf(html: string, page: string): Form[] {
  return [...html.matchAll(/<form[^>]*\baction="([^"]*)"[^>]*>(.*?)<\/form>/gsu)].map(
    ([, action = '', content = '']) => {
      const inputs = [...content.matchAll(/<input\b[^>]*>/gu)].map(([input]) => [
        attribute(input, 'name'),
        attribute(input, 'value'),
      ])
      return {
        action: new URL(unescaped(action), page).href,
        fields: Object.fromEntries(inputs) as Record<string, string>,
      }
    },
  )
}

/** Submits a form with some fields filled in; a redirect is returned, and not followed. */
export function submitForm({ action, fields }: Form, filledIn: Record<string, string> = {}): Promise<Response> {
  const body = new URLSearchParams({ ...fields, ...filledIn })
  return fetch(action, {
    method: 'POST',
    redirect: 'manual',
    headers: { accept: 'text/html', 'user-agent': 'browser' },
    body,
  })
}

function attribute(input: string, name: string): string {
  return unescaped(new RegExp(`\\b${name}="([^"]*)"`, 'u').exec(input)?.[1] ?? '')
}

function unescaped(text: string): string {
  return text.replace(/&#(\d+);/gu, (_whole, code: string) => String.fromCharCode(Number(code)))
}
