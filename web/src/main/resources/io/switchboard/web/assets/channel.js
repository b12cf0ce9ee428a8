// The channel of the page: its URL, its creation, and which message lies at which offset.
const IDLE_SECONDS = 3_600
const OFFSETS_MAX = 2_000

export class Channel extends EventTarget {
  /**
   * @param {string} name checked by the server, not here
   * @param {object} credentials of whoever works with it
   */
  constructor(name, credentials) {
    super()
    this.name = name
    this.credentials = credentials
    this.path = `/v1/stream/${name.split('/').map(encodeURIComponent).join('/')}`
    this.url = new URL(this.path, location.origin).href
  }

  /** @param {string} [origin] another way to the same server */
  urlAt(origin = location.origin) {
    return new URL(this.path, origin).href
  }

  /** @param {string} [origin] another way to the same server */
  socketUrlAt(origin) {
    return this.urlAt(origin).replace(/^http/, 'ws')
  }

  #creating
  #offsets = new Map()

  /**
   * Makes the channel, or takes it as it is. Resolves with the offset at its end; rejects with a sentence for a person,
   * or with `Unauthorized`.
   * One request at a time, however many readers find the channel missing.
   */
  create() {
    this.#creating ??= this.#create().finally(() => (this.#creating = undefined))
    return this.#creating
  }

  async #create() {
    // Nobody cleans up after a demonstration: the channel goes when it was not used for an hour.
    const made = await this.credentials.fetch(this.url, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json', 'Stream-TTL': String(IDLE_SECONDS) },
    })
    if (made.ok) return made.headers.get('Stream-Next-Offset')
    const problem = await made.json().catch(() => ({}))
    // Made by somebody else, to stay longer: just as good.
    // Or the visitor may use it, and not make it.
    if (made.status === 403 || (made.status === 409 && problem.reason === 'expiry')) {
      const found = await this.credentials.fetch(this.url, { method: 'HEAD', cache: 'no-store' })
      if (found.ok) return found.headers.get('Stream-Next-Offset')
    }
    if (made.status === 409 && problem.reason === 'content_type') {
      throw new Refused(`The channel ${this.name} holds something other than JSON; this page needs application/json.`)
    }
    if (made.status === 409 && problem.reason === 'closure') {
      throw new Refused(`The channel ${this.name} is closed and takes no more messages. Choose another with ?channel=NAME.`)
    }
    const sentence = problem.detail ?? `The server answered ${made.status}.`
    if (made.status >= 400 && made.status < 500 && made.status !== 429) throw new Refused(sentence)
    throw new Error(sentence)
  }

  /** Message `key` lies right before `offset`: told by whoever saw both, for the WebSocket, which is told no offsets. */
  learn(key, offset) {
    if (this.#offsets.has(key)) return
    this.#offsets.set(key, offset)
    if (this.#offsets.size > OFFSETS_MAX) this.#offsets.delete(this.#offsets.keys().next().value)
    this.dispatchEvent(new CustomEvent('learned', { detail: { key, offset } }))
  }

  /** The offset after message `key`, if anybody saw it. */
  offsetOf(key) {
    return this.#offsets.get(key)
  }
}

/** Asking again would not help. */
export class Refused extends Error {}

/** What tells a message from all others. */
export const keyOf = ({ page, n }) => `${page}:${n}`
