// Carries out what the ladder commands: which transport reads, when to come back, and what the application is told.
import { delay } from './backoff.js'
import { SwitchboardError, unanswered } from './errors.js'
import { Events } from './events.js'
import { Feed } from './feed.js'
import { Http } from './http.js'
import { Ladder, RUNGS } from './ladder.js'
import { Line } from './line.js'
import { Polls } from './polls.js'
import { Publisher } from './publisher.js'
import { Subscription } from './subscription.js'
import { Tokens } from './tokens.js'

const PASSING = ['unanswered', 'unavailable', 'internal', 'too_many', 'request_timeout']
const HEARTBEAT = 25_000
const POLL_EVERY = 5_000
const PUBLISH_TIMEOUT = 60_000
const PUBLISHERS_MAX = 1_000 // kept although they are idle

const TRANSPORTS = {
  websocket: (...how) => new Line(...how),
  sse: (...how) => new Events(...how),
  'long-poll': (...how) => new Polls(...how, { waits: true }),
  polling: (...how) => new Polls(...how),
}

export class Client {
  feeds = new Map() // by channel
  #kinds
  #ladder
  #transports = new Map() // that are tried or used, by rung
  #whys = {} // by rung: why it is not used
  #publishers = new Map()
  #attempt = 0
  #told // when to come back, by the server
  #busy = false // backing off
  #ladderTimer
  #retryTimer
  #retryAt
  #syncs = false
  #late = false
  #over // the error that ended it, or true
  #state = { state: 'connecting', since: this.now() }

  constructor(url, options = {}, transports = TRANSPORTS) {
    this.#kinds = transports
    this.base = new URL(url, globalThis.location?.href).href.replace(/\/+$/, '')
    this.options = {
      fetch: globalThis.fetch.bind(globalThis),
      WebSocket: globalThis.WebSocket,
      heartbeat: HEARTBEAT,
      pollEvery: POLL_EVERY,
      publishTimeout: PUBLISH_TIMEOUT,
      ...options,
    }
    this.onState = options.onState
    this.tokens = new Tokens(this.options, (error) => this.#finish(error))
    this.http = new Http(this.base, this.options.fetch, this.tokens)
    const rungs = Object.keys(transports).filter((rung) => (options.transports ?? [rung]).includes(rung))
    if (!this.options.WebSocket && rungs[0] === RUNGS[0]) this.#whys[rungs.shift()] = 'this runtime has none'
    this.#ladder = new Ladder(rungs, memory.read(this.base))
    this.#listen('addEventListener')
  }

  /** For people: `connecting`, `live`, `behind`, `offline`; and for machines the rest. */
  get state() {
    return this.#state
  }

  /** @param {string} name @param {{ type?: string }} options type: of its content, `application/json` if it is not said */
  channel(name, { type = 'application/json' } = {}) {
    return {
      subscribe: (options = {}) => this.carry(name, options.from ?? 'now', (feed) => new Subscription(this, feed, options)),
      publish: (message) => this.#publish(name, type, [message]),
      publishAll: (messages) => this.#publish(name, type, messages),
      presence: async () => {
        const line = this.#line
        return line ? { known: true, ...(await line.request({ action: 'presence', channel: name })) } : { known: false }
      },
    }
  }

  close() {
    this.#finish(true)
  }

  /** Ends a wait, and tries what is better than the transport in use; the network may be another one. */
  retry() {
    memory.forget(this.base)
    this.#wake()
    this.#event('networkChanged')
    this.#hurry(true)
  }

  // --- what the parts of a client ask of it

  /** In milliseconds since 1970, and never backwards. */
  now() {
    return Math.floor(performance.timeOrigin + performance.now())
  }

  isPassing({ code }) {
    return PASSING.includes(code)
  }

  /** Resolves after so many milliseconds, or at once when `signal` ends it. */
  pause(millis, signal) {
    return new Promise((resolve) => {
      const over = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', over)
        resolve()
      }
      const timer = setTimeout(over, millis)
      signal.addEventListener('abort', over)
      if (signal.aborted) over()
    })
  }

  async append(channel, content, messages, producer) {
    const line = this.#line
    if (line) return line.request({ action: 'publish', channel, producer, raw: ',' + content.members(messages) })
    const { response } = await this.http.ask(Http.path(channel), {
      method: 'POST',
      headers: {
        'Content-Type': content.type,
        'Producer-Id': producer.id,
        'Producer-Epoch': producer.epoch,
        'Producer-Seq': producer.seq,
      },
      body: content.body(messages),
    })
    if (!response.headers.has('Stream-Next-Offset')) throw unanswered('the answer is not from a Switchboard server')
  }

  /** Brings a channel to what `make` makes of its feed, which begins at `from` if there is none yet. */
  carry(name, from, make) {
    let feed = this.feeds.get(name)
    if (!feed || feed.over) this.feeds.set(name, (feed = new Feed(name, from)))
    const reader = make(feed)
    feed.join(reader)
    const used = this.#transports.get(this.#ladder.used)
    if (used && !used.hasPresence) feed.present()
    this.sync()
    if (this.#over) queueMicrotask(() => feed.end('failed', this.#asError()))
    else if (!this.#busy) this.#event('begin')
    return reader
  }

  left(subscription, feed) {
    feed.subscriptions.delete(subscription)
    if (feed.subscriptions.size === 0 && this.feeds.get(feed.channel) === feed) this.feeds.delete(feed.channel)
    this.sync()
  }

  /** What is wanted of a feed has changed. All changes of a moment go together. */
  sync() {
    if (this.#syncs) return
    this.#syncs = true
    queueMicrotask(() => {
      this.#syncs = false
      for (const transport of this.#transports.values()) transport.sync()
    })
  }

  // --- channels

  #publish(name, type, messages) {
    if (this.#over) return Promise.reject(this.#asError())
    const key = `${type} ${name}`
    if (!this.#publishers.has(key)) {
      this.#makeRoom()
      this.#publishers.set(key, new Publisher(this, name, type))
    }
    return this.#publishers.get(key).publish(messages)
  }

  // One that waits for nothing can be made again.
  #makeRoom() {
    for (const [key, publisher] of this.#publishers) {
      if (this.#publishers.size < PUBLISHERS_MAX) return
      if (publisher.isIdle) this.#publishers.delete(key)
    }
  }

  // --- the ladder

  get #line() {
    return this.#ladder.used === RUNGS[0] ? this.#transports.get(RUNGS[0]) : undefined
  }

  #event(name, rung, planned) {
    if (this.#over) return
    const of = rung ? [rung, this.now(), planned] : [this.now()]
    for (const [command, which] of this.#ladder[name](...of)) this.#carryOut(command, which, name)
    clearTimeout(this.#ladderTimer)
    const { wait } = this.#ladder
    if (wait !== undefined) this.#ladderTimer = setTimeout(() => this.#event('tick'), Math.max(0, wait - this.now()))
    this.#show()
  }

  #carryOut(command, rung, event) {
    if (command === 'try') this.#try(rung)
    else if (command === 'drop') {
      this.#transports.get(rung)?.close()
      this.#transports.delete(rung)
      if (event === 'tick') this.#whys[rung] = rung === 'sse' ? 'its first bytes did not come' : 'no reply in time'
    } else if (command === 'use') this.#use(this.#transports.get(rung), rung)
    else if (command === 'stable') {
      this.#attempt = 0
      memory.write(this.base, { rung, at: this.now() })
    } else this.#backOff()
  }

  #try(rung) {
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
    // What a transport does at once, it does after this.
    let transport
    transport = this.#kinds[rung](this, host)
    this.#transports.set(rung, transport)
  }

  #use(transport, rung) {
    this.#rest(false)
    this.#told = undefined
    this.#late = false
    delete this.#whys[rung]
    transport.use()
    if (!transport.hasPresence) for (const feed of this.feeds.values()) feed.present()
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
    this.#rest(true)
    if (this.feeds.size === 0) return this.#rest(false) // whoever subscribes begins
    const millis = delay(this.#attempt++, Math.random(), this.#told)
    this.#retryAt = this.now() + millis
    this.#retryTimer = setTimeout(() => this.#again(), millis)
  }

  #again() {
    this.#rest(false)
    this.#told = undefined
    this.#event('begin')
  }

  #rest(busy) {
    clearTimeout(this.#retryTimer)
    this.#busy = busy
    this.#retryAt = undefined
  }

  // --- what the surroundings tell

  #wake = () => {
    if (globalThis.document?.hidden) return
    this.#line?.ping().catch(() => {})
    this.#hurry()
  }

  #networkChanged = () => this.retry()

  #hurry(always) {
    if (this.#busy && (always || !this.#told)) this.#again()
  }

  #listen(method) {
    const { document, navigator } = globalThis
    globalThis[method]?.('online', this.#wake)
    document?.[method]('visibilitychange', this.#wake)
    navigator?.connection?.[method]?.('change', this.#networkChanged)
  }

  // --- states

  #asError() {
    return this.#over === true ? new SwitchboardError('closed', 'the client was closed') : this.#over
  }

  #finish(over) {
    if (this.#over) return
    this.#over = over
    this.options.onOver?.()
    this.#listen('removeEventListener')
    clearTimeout(this.#ladderTimer)
    this.#rest(false)
    for (const transport of this.#transports.values()) transport.close()
    this.#transports.clear()
    for (const publisher of this.#publishers.values()) publisher.close(this.#asError().code)
    for (const feed of [...this.feeds.values()]) {
      if (over === true) for (const each of feed.subscriptions) each.close()
      else feed.end('failed', over)
    }
    this.#show()
    if (over.code === 'unauthorized') this.options.onUnauthorized?.(over)
  }

  #show() {
    const { used } = this.#ladder
    const transport = this.#over ? undefined : used
    const state = this.#over ? 'offline' : transport ? (this.#late ? 'behind' : 'live') : this.#busy ? 'offline' : 'connecting'
    const rungs = Object.keys(this.#kinds)
    const better = transport ? rungs.slice(0, rungs.indexOf(transport)) : rungs
    const whys = better.filter((rung) => this.#whys[rung]).map((rung) => `${rung}: ${this.#whys[rung]}`)
    const why = this.#over ? this.#asError().message : whys.join('; ')
    const retryInMillis = this.#retryAt && this.#retryAt - this.now()
    const before = this.#state
    const next = { state, transport: this.#transports.get(transport)?.shows ?? transport, why, attempt: this.#attempt, retryInMillis }
    if (['state', 'transport', 'why', 'attempt'].every((name) => before[name] === next[name])) return
    this.#state = { ...next, since: before.state === state ? before.since : this.now() }
    for (const feed of this.feeds.values()) for (const each of feed.subscriptions) each.stateChanged()
    try {
      this.onState?.(this.#state)
    } catch (error) {
      console.error(error)
    }
  }
}

// What worked, for this network as far as a page can tell one from another; the next page begins there. A page may be
// without storage, and no page is with it.
const memory = {
  with(base, use) {
    try {
      return use(localStorage, `switchboard ${globalThis.navigator?.connection?.type ?? ''} ${base}`)
    } catch {
      return undefined
    }
  },
  read: (base) => memory.with(base, (storage, key) => JSON.parse(storage.getItem(key)) ?? undefined),
  write: (base, value) => memory.with(base, (storage, key) => storage.setItem(key, JSON.stringify(value))),
  forget: (base) => memory.with(base, (storage, key) => storage.removeItem(key)),
}
