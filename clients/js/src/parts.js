// What a client can do without while it opens its line, and so is not loaded with the rest: the core begins to load it when
// the first attempt to connect has begun (spec/clients.md, section 9).
import { catchUp } from './catching-up.js'
import { Events } from './events.js'
import { SwitchboardError } from './errors.js'
import { expiry } from './expiry.js'
import { Http, stranger } from './http.js'
import { Polls } from './polls.js'
import { Publisher } from './publisher.js'
import { present } from './roster.js'
import { listen } from './surroundings.js'

const PUBLISHERS_MAX = 1_000 // kept although they are idle
const STRANGERS_MAX = 4 // races in a row that were answered by somebody else, before anything has worked

export class Parts {
  #client
  #http
  #publishers = new Map() // by type and channel
  #life = new AbortController()
  #renewal
  #isStranger = false // who answered the last try
  #strangers = 0 // races
  present = present

  constructor(client) {
    this.#client = client
    const { fetch = (...how) => globalThis.fetch(...how) } = client.options
    this.#http = new Http(client.base, fetch, client.tokens)
    client.tokens.isOld = expiry()
    listen(client, this.#life.signal)
  }

  /** A transport of the lower three. */
  transport(rung, host) {
    const over = (how) => {
      this.#isStranger = how.stranger
      host.over(how)
    }
    if (rung === 'sse') return new Events(this.#client, this.#http, { ...host, over })
    return new Polls(this.#client, this.#http, { ...host, over }, { waits: rung === 'long-poll' })
  }

  /** Why there is no sense in coming back, if there is none: nothing has ever worked, and others answer again and again. */
  hopeless(usedAt) {
    this.#strangers = usedAt || !this.#isStranger ? 0 : this.#strangers + 1
    if (this.#strangers < STRANGERS_MAX) return
    return new SwitchboardError('not_found', `no Switchboard server answers at ${this.#client.base}; is that its URL?`)
  }

  /** In words, why this transport carries the reading and no better one, or why none does. */
  why(rungs, used, whys) {
    const { feeds, failure } = this.#client
    if (!used && !feeds.size) return failure?.message ?? 'nothing is subscribed'
    const better = used ? rungs.slice(0, rungs.indexOf(used)) : rungs
    const told = better.filter((rung) => whys[rung]).map((rung) => (rungs.length > 1 ? `${rung}: ${whys[rung]}` : whys[rung]))
    return told.join('; ') || (used ? '' : 'nothing has answered yet')
  }

  /** Who is on a channel now. */
  async presence(channel) {
    const { line, options } = this.#client
    if (line) return { known: true, ...(await line.request({ action: 'presence', channel })) }
    return (await options.presence?.(channel)) ?? { known: false }
  }

  /** What a line is told that can wait: who is there, and that the token ends. */
  hear(line, feed, { event, seconds, ...told }) {
    if (event !== 'expiring') return feed && present(feed, { event, ...told })
    // Not at once: a token that lives shortly is expiring from its beginning.
    const renewed = () => this.#client.tokens.refresh().then((token) => line.auth(token))
    clearTimeout(this.#renewal)
    this.#renewal = setTimeout(() => renewed().catch(() => {}), seconds * 500)
  }

  catchUp(subscription, feed, signal) {
    return catchUp(this.#http, subscription, feed, signal)
  }

  /** What the URL of a line says of who we are. */
  async ticket() {
    const { token, getToken } = this.#client.options
    if (!token && !getToken) return ''
    return '?ticket=' + JSON.parse((await this.#http.ask('/v1/tickets', { method: 'POST' })).text).ticket
  }

  publish(channel, type, messages, since) {
    const key = `${type} ${channel}`
    if (!this.#publishers.has(key)) {
      this.#makeRoom()
      const append = (...what) => this.#append(channel, ...what)
      this.#publishers.set(key, new Publisher(append, type, this.#client.options.publishTimeout))
    }
    return this.#publishers.get(key).publish(messages, since)
  }

  // One that waits for nothing can be made again.
  #makeRoom() {
    for (const [key, publisher] of this.#publishers) {
      if (this.#publishers.size < PUBLISHERS_MAX) return
      if (publisher.isIdle) this.#publishers.delete(key)
    }
  }

  async #append(channel, content, messages, producer) {
    const { line } = this.#client
    if (line) {
      const action = JSON.stringify({ action: 'publish', channel, producer })
      return line.request(`${action.slice(0, -1)},${content.members(messages)}}`)
    }
    const { response } = await this.#http.ask(Http.path(channel), {
      method: 'POST',
      headers: {
        'Content-Type': content.type,
        'Producer-Id': producer.id,
        'Producer-Epoch': producer.epoch,
        'Producer-Seq': producer.seq,
      },
      body: content.body(messages),
    })
    if (!response.headers.has('Stream-Next-Offset')) throw stranger()
  }

  close(code) {
    this.#life.abort()
    clearTimeout(this.#renewal)
    for (const publisher of this.#publishers.values()) publisher.close(code)
  }
}
