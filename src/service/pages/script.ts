/**
 * The script of the pages: replaces the content when the service reports a change, and keeps what the reader is doing. The pages work
 * without it. It is text in a module so that the bundle carries it.
 */
export const script = `'use strict'
;(() => {
  const pauseMs = 1000
  const lateMs = 31000
  const live = document.getElementById('live')
  let isLoading = false
  let isStale = false
  let wasOpen = false
  let late

  const content = () => document.getElementById('main')
  const say = (text) => {
    if (live.textContent !== text) live.textContent = text
  }

  /** What an element is for the reader, so that it is found again in new content. */
  const nameOf = (element) =>
    [element.tagName, element.id, element.getAttribute('href'), element.getAttribute('name'), element.form && element.form.getAttribute('action'), element.getAttribute('aria-label')].join('|')
  const find = (root, element) => {
    const name = nameOf(element)
    const same = (from) => [...from.querySelectorAll(element.tagName)].filter((each) => nameOf(each) === name)
    return same(root)[same(content()).indexOf(element)]
  }

  const isSelecting = () => {
    const selection = getSelection()
    return selection && !selection.isCollapsed && content().contains(selection.anchorNode)
  }

  const keepInputs = (next) => {
    for (const input of content().querySelectorAll('input:not([type=hidden])')) {
      const twin = find(next, input)
      if (twin && input.value !== input.defaultValue) twin.value = input.value
    }
  }

  const replace = (next) => {
    const old = content()
    const active = old.contains(document.activeElement) ? document.activeElement : null
    const focused = active && active !== old ? find(next, active) : null
    const range = active && active.tagName === 'INPUT' ? [active.selectionStart, active.selectionEnd] : null
    const scrolled = [...old.querySelectorAll('.scroll')].map((each) => [find(next, each), each.scrollLeft, each.scrollTop])
    const place = [scrollX, scrollY]
    const state = (root) => root.querySelector('#state') && root.querySelector('#state').textContent
    const before = state(old)
    keepInputs(next)
    old.replaceChildren(...next.childNodes)
    for (const [each, left, top] of scrolled) if (each) each.scrollTo(left, top)
    if (focused) {
      focused.focus({ preventScroll: true })
      if (range) focused.setSelectionRange(range[0], range[1])
    } else if (active) old.focus({ preventScroll: true })
    scrollTo(place[0], place[1])
    const after = state(old)
    if (after && after !== before) say('State: ' + after.replace(/^\\W+/, ''))
  }

  const load = async () => {
    const response = await fetch(location.href, { headers: { Accept: 'text/html', 'X-Live': '1' } })
    if (response.status === 401) return location.reload()
    if (!response.ok) return say('This page could not be updated. Reload it.')
    const next = new DOMParser().parseFromString(await response.text(), 'text/html').getElementById('main')
    if (next) replace(next)
  }

  const refresh = async () => {
    if (isLoading || document.hidden || isSelecting()) {
      isStale = true
      return
    }
    isLoading = true
    isStale = false
    try {
      await load()
    } catch {
      say('The service does not answer. This page shows what was known before.')
    }
    setTimeout(() => {
      isLoading = false
      if (isStale) refresh()
    }, pauseMs)
  }

  const again = () => {
    if (isStale) refresh()
  }
  document.addEventListener('visibilitychange', again)
  document.addEventListener('selectionchange', again)

  const source = new EventSource('/updates')
  source.addEventListener('open', () => {
    say('Updates are live.')
    // What happened while there was no connection was not reported.
    if (wasOpen) refresh()
    wasOpen = true
  })
  source.addEventListener('changed', () => {
    refresh()
    // The state on GitHub that a page shows may be half a minute old. After the last of several changes it is read again.
    clearTimeout(late)
    late = setTimeout(refresh, lateMs)
  })
  source.addEventListener('error', () => say('Updates are not live: the connection was lost.'))
})()
`
