/** Text for HTML, also inside a quoted attribute. */
function escape(text: string): string {
  return text.replace(/[&<>"']/gu, (char) => `&#${char.charCodeAt(0)};`)
}

function page(title: string, body: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)} - orch</title>
<style>
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { max-width: 40rem; margin: 2rem auto; padding: 0 1rem }
input { font: inherit; width: 100%; box-sizing: border-box; padding: .4rem }
button { font: inherit; padding: .4rem 1rem; margin: .5rem 0 }
</style>
<main>
<h1>${escape(title)}</h1>
${body.join('\n')}
</main>
</html>
`
}

/** Asks for the address of the service. @param problem what was wrong with the one before; null: nothing */
export function askForUrlPage(problem: string | null): string {
  return page('Where is the service?', [
    ...(problem === null ? [] : [`<p role="alert">This address cannot be used: ${escape(problem)}.</p>`]),
    '<form method="get" action="/">',
    '<p><label for="url">The address at which GitHub reaches this service, such as https://orch.example.com</label></p>',
    '<p><input id="url" name="url" type="url" required autofocus></p>',
    '<p><button>Continue</button></p>',
    '</form>',
  ])
}

/** A way to create the App. */
export interface CreationChoice {
  label: string
  /** GitHub's page that takes the manifest. */
  action: string
}

/** Sends the manifest to GitHub, where the person confirms it. */
export function sendManifestPage(manifest: object, choices: readonly CreationChoice[]): string {
  const value = escape(JSON.stringify(manifest))
  return page('Create the GitHub App', [
    '<p>GitHub shows the App first. You can change its name there.</p>',
    ...choices.flatMap(({ label, action }) => [
      `<form method="post" action="${escape(action)}">`,
      `<input type="hidden" name="manifest" value="${value}">`,
      `<button>${escape(label)}</button>`,
      '</form>',
    ]),
  ])
}

/** The App exists. */
export function createdPage(slug: string, installUrl: string): string {
  return page('The GitHub App was created', [
    `<p>Its key is stored on the machine where <code>orch serve --setup</code> ran. Install ${escape(slug)} now on the repositories of the graph:</p>`,
    `<p><a href="${escape(installUrl)}">${escape(installUrl)}</a></p>`,
  ])
}

/** Something went wrong, and nothing was stored. */
export function problemPage(message: string): string {
  return page('The GitHub App was not created', [
    `<p role="alert">${escape(message)}.</p>`,
    '<p><a href="/">Start again</a></p>',
  ])
}
