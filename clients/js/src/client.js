// Carries out what the ladder commands: which transport reads, when to come back, and what the application is told.
import { delay } from './backoff.js'
import { now } from './clock.js'
import { NO_REPLY, SwitchboardError } from './errors.js'
import { Feed } from './feed.js'
import { Ladder, RUNGS } from './ladder.js'
import { Line } from './line.js'
import { Subscription } from './subscription.js'
import { Tokens } from './tokens.js'

const HEARTBEAT = 25_000
const PUBLISH_TIMEOUT = 60_000
const EARLY_MAX = 8_000_000 // characters or bytes that wait for what publishes them, and so many more for each message:
const EARLY_EACH = 800

const MISSING = 'parts of the client are missing'

/** Where a server is, without what may stand behind its path. */
export function baseOf(url) {
  try {
    const { protocol, origin, pathname } = new URL(url, globalThis.location?.href)
    if (/^https?:/.test(protocol)) return origin + pathname.replace(/\/+$/, '')
  } catch {
    // As below.
  }
  throw new SwitchboardError('invalid', `not a URL such as https://live.example.com: ${url}`)
}

/** Whether a channel of this content type has values of JSON; else it has text, or bytes. */
export const isJson = (type) => /^application\/json\b/.test(type)

export class Client {
  /** For people: `connecting`, `live`, `behind`, `offline`; and for machines the rest. */
  state = { state: 'connecting', since: now() }
  feeds = new Map() // by channel
  #rungs
  #transportsHere // those whose code is
  #ladder
  #transports = new Map() // that are tried or used, by rung
  #whys = {} // by rung: why it is not used
  #attempt = 0
  #told // when to come back, by the server
  #ladderTimer
  #retryTimer
  #retryAt
  #syncs = false
  #late = false
  #over // the error that ended it; `closed` by the application
  #shown
  #coming // parts
  #parts
  #settle // told when they are here, or it is over
  #settled = new Promise((resolve) => (this.#settle = resolve))
  #isMissing = false // they could not be loaded
  #early = 0 // size of what is published before

  /** @param {object} [here] the transports whose code is here, by rung */
  constructor(url, options = {}, rungs = RUNGS, here = { websocket: Line }) {
    this.#transportsHere = here
    this.base = baseOf(url)
    this.options = {
      WebSocket: globalThis.WebSocket,
      heartbeat: HEARTBEAT,
      publishTimeout: PUBLISH_TIMEOUT,
      ...options,
    }
    this.onState = options.onState
    this.tokens = new Tokens(this.options, (error) => this.#finish(error))
    this.#rungs = rungs
    if (!this.options.WebSocket) this.#whys[RUNGS[0]] = 'this runtime has none'
    const isAllowed = (rung) => !this.#whys[rung] && (options.transports ?? rungs).includes(rung)
    this.#ladder = new Ladder(rungs.filter(isAllowed), this.#memory())
  }

  /** @param {string} name @param {{ type?: string }} options type: of its content, `application/json` if it is not said */
  channel(name, { type = 'application/json' } = {}) {
    return {
      subscribe: (options = {}) => this.carry(name, options.from ?? 'now', (feed) => new Subscription(this, feed, options)),
      publish: (message) => this.#publish(name, type, [message]),
      publishAll: (messages) => this.#publish(name, type, messages),
      presence: async () => (await this.parts())?.presence(name) ?? { known: false },
    }
  }

  close() {
    this.#finish(new SwitchboardError('closed', 'the client was closed'))
  }

  /** Ends a wait, and tries what is better than the transport in use; the network may be another one. */
  retry() {
    this.#memory(null)
    this.#event('networkChanged')
    this.wake(true)
  }

  // --- what the parts of a client ask of it

  /** Whoever slept does not know whether the line is still there, nor whether to wait is still right, unless told by the server. */
  wake(always) {
    this.line?.ping()
    if (this.#retryAt && (always || !this.#told)) this.#again()
  }

  /** If it carries the reading. */
  get line() {
    return this.#ladder.used === RUNGS[0] ? this.#transports.get(RUNGS[0]) : undefined
  }

  /** What is not loaded with the core, as soon as it is here. */
  parts() {
    return (this.#coming ??= this.#load())
  }

  /** Brings a channel to what `make` makes of its feed, which begins at `from` if there is none yet. */
  carry(name, from, make) {
    let feed = this.feeds.get(name)
    if (!feed || feed.over) this.feeds.set(name, (feed = new Feed(name, from)))
    const reader = make(feed)
    feed.join(reader)
    this.sync()
    if (this.#over) queueMicrotask(() => feed.end('failed', this.#over))
    else if (!this.#retryAt) this.#event('begin')
    return reader
  }

  /** @param {Error} [error] what it failed with */
  left(subscription, feed, error) {
    this.failure = error
    feed.subscriptions.delete(subscription)
    if (!feed.subscriptions.size && this.feeds.get(feed.channel) === feed) this.feeds.delete(feed.channel)
    this.sync()
  }

  /** What is wanted of a feed has changed. All changes of a moment go together. */
  sync() {
    if (this.#syncs) return
    this.#syncs = true
    queueMicrotask(() => {
      this.#syncs = false
      for (const transport of this.#transports.values()) transport.sync()
      this.#show()
    })
  }

  // --- what is loaded later

  async #load() {
    for (let attempt = 0; !this.#over && !this.#parts; ) {
      try {
        const { Parts } = await import('./parts.js')
        if (!this.#over) this.#parts = new Parts(this)
      } catch {
        this.#isMissing = true
        this.#show()
        await this.#wait(delay(attempt++, Math.random()))
      }
    }
    this.#settle()
    this.#isMissing = false
    this.#show()
    return this.#parts
  }

  // For the parts, at most so long.
  #wait(millis) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, millis)
      this.#settled.then(() => resolve(clearTimeout(timer)))
    })
  }

  async #publish(name, type, messages) {
    const since = now()
    // As they are now, whatever becomes of them.
    const copies = messages.map((message) => (isJson(type) ? JSON.stringify(message) : message))
    for (const copy of copies) this.#early += (copy?.length ?? 0) + EARLY_EACH
    if (!this.#parts && this.#early > EARLY_MAX) throw new SwitchboardError('too_many', MISSING)
    this.parts()
    await this.#wait(this.options.publishTimeout)
    if (this.#over) throw this.#over
    if (!this.#parts) throw new SwitchboardError('timeout', MISSING)
    return this.#parts.publish(name, type, copies, since)
  }

  // --- the ladder

  #event(name, rung, planned) {
    if (this.#over) return
    for (const [command, which] of this.#ladder.on(name, now(), rung, planned)) this.#carryOut(command, which, name)
    clearTimeout(this.#ladderTimer)
    const { wait } = this.#ladder
    if (wait) this.#ladderTimer = setTimeout(() => this.#event('tick'), wait - now())
    this.#show()
  }

  #carryOut(command, rung, event) {
    const transport = this.#transports.get(rung)
    if (command === 'try') this.#try(rung)
    else if (command === 'drop') {
      transport?.close()
      this.#transports.delete(rung)
      if (event === 'tick') this.#whys[rung] = transport?.whySlow ?? NO_REPLY
    } else if (command === 'use') {
      this.#rest()
      this.#late = false
      delete this.#whys[rung]
      transport.use()
    } else if (command === 'stable') {
      this.#attempt = 0
      this.#memory({ rung, at: now() })
    } else this.#backOff()
  }

  #try(rung) {
    let transport
    const isCurrent = () => this.#transports.get(rung) === transport
    const host = {
      proven: () => isCurrent() && this.#event('proven', rung),
      late: (late) => {
        if (this.#late === late) return
        this.#late = late
        this.#show()
      },
      over: (how) => isCurrent() && this.#ended(rung, how),
    }
    const put = (made) => this.#transports.set(rung, (transport = made))
    const Here = this.#transportsHere[rung]
    // What a transport does at once, it does after this.
    put(Here ? new Here(this, host) : { sync() {}, close() {} })
    this.parts().then((parts) => Here || !isCurrent() || put(parts.transport(rung, host)))
  }

  #ended(rung, { why, error, planned, told, busy }) {
    this.#transports.delete(rung)
    this.#whys[rung] = why
    if (error) return this.#finish(error)
    this.#told = told ?? this.#told
    if (planned) this.#attempt = 0
    if (this.#ladder.used === rung) this.#event('ended', rung, planned)
    else this.#event(busy ? 'busy' : 'failed', rung)
  }

  #backOff() {
    if (!this.feeds.size) return // whoever subscribes begins
    const error = this.#parts?.hopeless(this.#ladder.usedAt)
    if (error) return this.#finish(error)
    const millis = delay(this.#attempt++, Math.random(), this.#told)
    this.#retryAt = now() + millis
    this.#retryTimer = setTimeout(() => this.#again(), millis)
  }

  #again() {
    this.#rest()
    this.#event('begin')
  }

  #rest() {
    clearTimeout(this.#retryTimer)
    this.#retryAt = this.#told = undefined
  }

  // What worked, for this network as far as a page can tell one from another; the next page begins there. A page may be
  // without storage, and no page is with it.
  #memory(value) {
    try {
      const key = `switchboard ${globalThis.navigator?.connection?.type} ${this.base}`
      if (value === undefined) return JSON.parse(localStorage.getItem(key))
      localStorage.setItem(key, JSON.stringify(value))
    } catch {
      // Then nothing is remembered.
    }
  }

  // --- states

  #finish(over) {
    if (this.#over) return
    this.#over = over
    this.options.onOver?.(over)
    clearTimeout(this.#ladderTimer)
    this.#rest()
    for (const transport of this.#transports.values()) transport.close()
    this.#transports.clear()
    this.#settle()
    this.#parts?.close(over.code)
    for (const feed of [...this.feeds.values()]) {
      if (over.code === 'closed') for (const each of feed.subscriptions) each.close()
      else feed.end('failed', over)
    }
    this.#show()
    if (over.code === 'unauthorized') this.options.onUnauthorized?.(over)
  }

  #why(used) {
    return this.#parts?.why(this.#rungs, used, this.#whys) ?? (this.#isMissing ? MISSING : '')
  }

  #show() {
    const over = this.#over
    const used = over ? undefined : this.#ladder.used
    const state = over ? 'offline' : used ? (this.#late ? 'behind' : 'live') : this.#retryAt ? 'offline' : 'connecting'
    const { transport = used, why = over ? over.message : this.#why(used) } = this.#transports.get(used)?.shows ?? {}
    const before = this.state
    const attempt = this.#attempt
    const shown = [state, transport, why, attempt].join()
    if (this.#shown === shown) return
    this.#shown = shown
    const retryInMillis = this.#retryAt && this.#retryAt - now()
    this.state = { state, transport, why, attempt, retryInMillis, since: before.state === state ? before.since : now() }
    for (const feed of this.feeds.values()) for (const each of feed.subscriptions) each.stateChanged()
    try {
      this.onState?.(this.state)
    } catch (error) {
      console.error(error)
    }
  }
}
