// The visitor's token, on a server that asks for one. It goes into headers only, and stays in this tab; what can send no
// header takes a ticket for it, which is good once and for 30 s.
const KEPT_AS = 'switchboard.token'
const TOKEN = /^[A-Za-z0-9\-._~+/=]{1,8192}$/
const TICKET_MILLIS_MAX = 10_000

/** Dispatches "wanted" when the server does not answer without a token, or without another one. */
export class Credentials extends EventTarget {
  #store
  #token

  /** @param {() => Storage} store where a token outlives a reload; a browser may have none for anybody, and throw */
  constructor(store) {
    super()
    this.#store = store
    try {
      this.#token = store().getItem(KEPT_AS) ?? undefined
    } catch {
      // Then the token lasts as long as the page.
    }
  }

  get known() {
    return this.#token !== undefined
  }

  /** Takes what was typed or pasted; returns whether it can be a token at all. */
  use(text) {
    const token = text.trim().replace(/^Bearer\s+/i, '')
    if (!TOKEN.test(token)) return false
    this.#token = token
    this.#keep((store) => store.setItem(KEPT_AS, token))
    return true
  }

  forget() {
    this.#token = undefined
    this.#keep((store) => store.removeItem(KEPT_AS))
  }

  #keep(change) {
    try {
      change(this.#store())
    } catch {
      // As above.
    }
  }

  /** `fetch` in the visitor's name; rejects with `Unauthorized` if that is not enough. */
  async fetch(url, options = {}) {
    const token = this.#token
    const headers = token === undefined ? options.headers : { ...options.headers, Authorization: `Bearer ${token}` }
    const response = await fetch(url, { ...options, headers })
    if (response.status !== 401) return response
    // Whoever has given another token meanwhile is not asked for it.
    if (token === this.#token) this.dispatchEvent(new CustomEvent('wanted', { detail: { refused: token !== undefined } }))
    throw new Unauthorized()
  }

  /** `url`, which has a query, for a request that can send no header. Takes a ticket if there is a token. */
  async ticketed(url, signal) {
    if (!this.known) return url
    const response = await this.fetch('/v1/tickets', {
      method: 'POST',
      cache: 'no-store',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TICKET_MILLIS_MAX)]),
    })
    if (response.ok) return `${url}&ticket=${(await response.json()).ticket}`
    const broken = new Error(`a ticket was answered ${response.status}`)
    broken.retryAfterMillis = Number(response.headers.get('Retry-After') ?? 0) * 1_000
    throw broken
  }
}

/** The server wants to know who asks, and does not know this one. */
export class Unauthorized extends Error {
  constructor() {
    super('the server asks for a token')
  }
}
