// Many tabs, one connection. The tab that holds the lock reads for all of them; the others hear it by a BroadcastChannel.
//
//   server ══ Leader: a client with all transports ── BroadcastChannel ──► Shared: the transport of each tab's own client
//
// What is told of a channel says behind which offset it comes, so a tab that is not in step (it came later, or the leader
// has changed) catches up by ordinary reads from its own cursor, as any subscription does. Each tab publishes for itself.
// A tab that ends is noticed by the lock that it held.
import { Client } from './client.js'
import { NO_REPLY, SwitchboardError, unanswered } from './errors.js'

export { SwitchboardError } from './errors.js'

const REPLY_MILLIS_MAX = 20_000

/** As `connect` of `switchboard-client`; where a browser has no locks or channels, each tab has its own connection. */
export function connect(url, options = {}) {
  if (!globalThis.navigator?.locks || !globalThis.BroadcastChannel) return new Client(url, options)
  const over = new AbortController()
  const { signal } = over
  const own = { ...options, transports: undefined, signal, onOver: () => over.abort() }
  const client = new Client(url, own, ['tabs'], { tabs: Shared })
  // Held until the tab ends, whatever ends it.
  hold(nameOf(client.base), signal, () => {
    const leader = new Leader(url, options)
    signal.addEventListener('abort', () => leader.close())
  })
  return client
}

const nameOf = (base) => `switchboard ${base}`

/** Waits for a lock, and keeps it until `signal` ends it. */
function hold(name, signal, held) {
  const keep = () => new Promise((resolve) => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', resolve)
    held?.()
  })
  navigator.locks.request(name, { signal }, keep).catch(() => {})
}

/** The transport of a tab: what the leader reads. */
class Shared {
  /** What the leader says of its connection. */
  shows
  #client
  #host
  #tab = crypto.randomUUID()
  #bus
  #life = new AbortController()
  #held = false // before, a leader would take this tab for one that has ended
  #asked = new Map() // of the leader, by number: how to settle it

  constructor(client, host) {
    this.#client = client
    this.#host = host
    this.#bus = new BroadcastChannel(nameOf(client.base))
    this.#bus.onmessage = ({ data }) => this.#take(data)
    client.options.signal.addEventListener('abort', () => this.close())
    client.options.presence = (channel) => this.#ask({ id: crypto.randomUUID(), asks: channel })
    hold(`${nameOf(client.base)} ${this.#tab}`, this.#life.signal, () => {
      this.#held = true
      this.sync()
    })
  }

  use() {}

  /** Why it is given up when nobody has said that it is live. */
  get whySlow() {
    return this.shows?.why
  }

  /** Says what it wants, all of it. */
  sync() {
    const feeds = [...this.#client.feeds.values()].filter((feed) => !feed.over)
    const wants = feeds.map(({ channel, cursor, rate, presence }) => ({ channel, at: cursor.at, rate, presence }))
    if (this.#host && this.#held) this.#bus.postMessage({ tab: this.#tab, wants })
  }

  // Of the tab that leads now, or of the next one.
  #ask(question) {
    return new Promise((resolve, reject) => {
      const over = setTimeout(() => this.#settle(question.id, unanswered(NO_REPLY)), REPLY_MILLIS_MAX)
      this.#asked.set(question.id, { question, resolve, reject, over })
      if (this.#host) this.#bus.postMessage(question)
      else this.#settle(question.id, unanswered(NO_REPLY))
    })
  }

  #settle(id, error, answer) {
    const { resolve, reject, over } = this.#asked.get(id) ?? {}
    this.#asked.delete(id)
    clearTimeout(over)
    if (error) reject?.(error)
    else resolve?.(answer)
  }

  #take({ id, answer, to, led, state, error, channel, at, before, ...told }) {
    if (!this.#host || (to && to !== this.#tab)) return
    if (led) {
      for (const { question } of this.#asked.values()) this.#bus.postMessage(question)
      return this.sync()
    }
    if (id) return (answer || error) && this.#settle(id, error && errorOf(error), answer)
    if (error && !channel) return this.#host.over({ why: error.message, error: errorOf(error) })
    if (state) {
      this.shows = { transport: state.transport, why: state.why }
      if (state.state === 'live') this.#host.proven()
      return this.#host.late(state.state !== 'live')
    }
    const feed = this.#client.feeds.get(channel)
    if (!feed || feed.over) return
    // What comes, comes behind this.
    if (at ?? before) feed.cursor.at = at ?? before
    if (at) for (const each of feed.subscriptions) each.join()
    else if (told.offset) feed.message(told)
    else if (told.place) feed.stand(told.place)
    else if (told.gap) feed.gap(before, told.gap)
    else if (told.end) feed.end(told.end, error && errorOf(error))
    else if (told.roster) this.#present(feed, told.roster)
  }

  async #present(feed, roster) {
    const parts = await this.#client.parts()
    parts?.present(feed, { event: roster.known && 'presence', ...roster })
  }

  close() {
    this.#host = undefined
    this.#life.abort()
    this.#bus.close()
    for (const id of this.#asked.keys()) this.#settle(id, unanswered(NO_REPLY))
  }
}

/** Reads for all tabs. */
class Leader {
  #client
  #bus
  #relays = new Map() // by channel
  #tabs = new Set()

  constructor(url, options) {
    // Each tab tells its application, that of the leader too.
    const onOver = (error) => error.code !== 'closed' && this.#bus.postMessage({ error: plain(error) })
    this.#client = new Client(url, { ...options, onUnauthorized: undefined, onOver, onState: () => this.#showState() })
    this.#bus = new BroadcastChannel(nameOf(this.#client.base))
    this.#bus.onmessage = ({ data: { tab, wants, id, asks } }) => {
      if (tab) this.#want(tab, wants)
      else if (asks) this.#answer(id, asks)
    }
    this.#bus.postMessage({ led: true })
  }

  async #answer(id, channel) {
    const answer = await this.#client.channel(channel).presence().then((roster) => ({ answer: roster }), (error) => ({ error: plain(error) }))
    this.#bus.postMessage({ id, ...answer })
  }

  #showState() {
    this.#bus.postMessage({ state: this.#client.state })
  }

  #want(tab, wants) {
    if (!this.#tabs.has(tab)) {
      this.#tabs.add(tab)
      // It is had when the tab has ended.
      navigator.locks.request(`${nameOf(this.#client.base)} ${tab}`, () => {
        this.#tabs.delete(tab)
        this.#settle(tab, [])
      })
    }
    this.#settle(tab, wants)
    this.#showState()
  }

  #settle(tab, wants) {
    const channels = wants.map(({ channel }) => channel)
    for (const [channel, relay] of this.#relays) {
      if (channels.includes(channel) || !relay.tabs.delete(tab) || relay.tabs.size > 0) continue
      this.#relays.delete(channel)
      this.#client.left(relay, relay.feed)
    }
    for (const { channel, at, ...how } of wants) {
      let relay = this.#relays.get(channel)
      if (!relay || relay.feed.over) {
        relay = this.#client.carry(channel, at, (feed) => new Relay(feed, this.#bus))
        this.#relays.set(channel, relay)
      }
      const isNew = how.presence && !relay.tabs.get(tab)?.presence
      if (!relay.presence) relay.feed.roster = undefined // what was told when somebody wanted to know
      relay.tabs.set(tab, how)
      this.#bus.postMessage({ channel, at: relay.feed.cursor.at })
      // It was not there when the others were told.
      if (isNew && relay.feed.roster) this.#bus.postMessage({ to: tab, channel, roster: relay.feed.roster })
    }
    this.#client.sync()
  }

  close() {
    this.#client.close()
    this.#bus.close()
  }
}

/** In the place of a subscription: tells all tabs what comes. */
class Relay {
  tabs = new Map()
  #bus

  constructor(feed, bus) {
    this.feed = feed
    this.#bus = bus
  }

  get rate() {
    const rates = [...this.tabs.values()].map(({ rate }) => rate)
    return rates.includes(undefined) ? undefined : Math.max(...rates)
  }

  get presence() {
    return [...this.tabs.values()].some(({ presence }) => presence)
  }

  offer(before, offset, data, skipped) {
    this.#tell({ before, offset, data, skipped })
  }

  offerPlace(before, place) {
    this.#tell({ before, place })
  }

  offerGap(before, gap) {
    this.#tell({ before, gap })
  }

  offerEnd(_, end, error) {
    this.#tell({ end, error: error && plain(error) })
  }

  present(roster) {
    this.#tell({ roster })
  }

  join() {}
  stateChanged() {}
  close() {}

  #tell(what) {
    this.#bus.postMessage({ channel: this.feed.channel, ...what })
  }
}

/** An error as a message to other tabs has it. */
const plain = (error) => ({ ...error, message: error.message })

const errorOf = ({ code, message, ...members }) => new SwitchboardError(code, message, members)
