// The best way: one WebSocket for all channels, in both directions (spec/protocol.md, section 4).
import { SwitchboardError, unanswered } from './errors.js'
import { Silence } from './silence.js'

const SUBPROTOCOL = 'switchboard.v1'
const REPLY_MILLIS_MAX = 20_000
const PING_MILLIS_MAX = 10_000
const FINAL = [1002, 1003, 1007, 1009, 4003, 4012]
const UNAUTHORIZED = [4001, 4010]
const PLANNED = [1001, 1012]

export class Line {
  hasPresence = true
  #client
  #host
  #socket
  #token
  #requests = new Map() // id: how to settle it; at most one for each channel and publisher, and a few
  #id = 0
  #feeds = new Map() // that were asked for, by channel: with what
  #inUse = false
  #proven = false
  #comesBackAt
  #silence
  #renewal

  /** @param {{ proven: () => void, over: (how: object) => void }} host */
  constructor(client, host) {
    this.#client = client
    this.#host = host
    this.#open().catch((error) => this.#over({ why: error.message, told: error.told }))
  }

  async #open() {
    const { http, tokens, options, base } = this.#client
    const query = options.tickets && tokens.used ? `?ticket=${await ticket(http)}` : ''
    this.#token = await tokens.get()
    if (!this.#host) return
    const socket = (this.#socket = new options.WebSocket(base.replace(/^http/, 'ws') + '/live' + query, SUBPROTOCOL))
    let opened = false
    socket.onopen = () => {
      opened = true
      if (socket.protocol !== SUBPROTOCOL) return this.#over({ why: 'the subprotocol was lost on the way' })
      if (this.#token && !query) this.auth(this.#token)
      this.ping().then(() => {
        this.#proven = true
        tokens.accepted()
        this.#host?.proven()
      }, ignored)
    }
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket) return
      this.#silence?.broken()
      let message
      try {
        message = JSON.parse(data)
      } catch {
        return this.#over({ why: 'what came is no JSON' })
      }
      this.#take(message)
    }
    socket.onerror = ignored // a close follows
    socket.onclose = ({ code, reason }) => {
      if (socket === this.#socket) this.#closed(code, reason, opened)
    }
  }

  async #closed(code, reason, opened) {
    const why = opened ? `closed with ${code}` : 'not opened'
    if (this.#proven && FINAL.includes(code)) {
      const error = new SwitchboardError(code === 4003 ? 'forbidden' : code === 4012 ? 'unauthorized' : 'invalid', reason || why)
      return this.#over({ why, error })
    }
    if (UNAUTHORIZED.includes(code)) {
      this.#forget()
      try {
        await this.#client.tokens.refused(this.#token)
      } catch (error) {
        return this.#over({ why: error.message })
      }
      if (!this.#proven && this.#host) return this.#open().catch((error) => this.#over({ why: error.message }))
    }
    const left = this.#comesBackAt - Date.now()
    this.#over({
      why,
      planned: PLANNED.includes(code) || left >= 0 || code === 4010,
      told: this.#comesBackAt && { millis: Math.max(0, left) },
      busy: code === 1013,
    })
  }

  #over(how) {
    const host = this.#host
    this.close()
    host?.over(how)
  }

  /** All is sent to it from now on. */
  use() {
    this.#inUse = true
    // A page cannot see pings, so it asks when nothing has come for as long as the server sends them.
    const dead = () => this.#over({ why: 'nothing came for too long' })
    this.#silence = new Silence(this.#client, this.#host, dead, () => this.ping().catch(ignored))
    this.#silence.broken()
    this.sync()
  }

  /** Subscribes to what is wanted now, and to nothing else. */
  sync() {
    if (!this.#inUse) return
    const { feeds } = this.#client
    for (const [channel, { feed, how }] of this.#feeds) {
      if (feeds.get(channel) === feed && how === howTo(feed)) continue
      this.#feeds.delete(channel)
      if (!feed.over) this.request({ action: 'unsubscribe', channel }).catch(ignored)
    }
    for (const [channel, feed] of feeds) if (!this.#feeds.has(channel) && !feed.over) this.#subscribe(channel, feed)
  }

  async #subscribe(channel, feed) {
    const how = howTo(feed)
    const entry = { feed, how }
    this.#feeds.set(channel, entry)
    const begun = ({ offset }) => {
      entry.begun = true
      feed.begin(offset)
    }
    try {
      await this.request({ action: 'subscribe', channel, offset: feed.cursor.at, ...JSON.parse(how) }, begun)
    } catch (error) {
      if (this.#feeds.get(channel) !== entry) return
      this.#feeds.delete(channel)
      if (!this.#host) return
      // Too many are too many also on the next line.
      if (this.#client.isPassing(error) && error.code !== 'too_many') this.#over({ why: error.message, told: error.told })
      else if (error.code === 'not_found' || error.reason === 'deleted') feed.end('deleted')
      else feed.end('failed', error)
    }
  }

  auth(token) {
    this.#token = token
    return this.request({ action: 'auth', token }).catch(ignored) // the server closes the line, or the old one counts
  }

  /** Whether the server is still there; ends the line if it is not. */
  ping() {
    const timer = setTimeout(() => this.#over({ why: `no reply within ${PING_MILLIS_MAX / 1_000} s` }), PING_MILLIS_MAX)
    return this.request({ action: 'ping' }).finally(() => clearTimeout(timer))
  }

  /** Resolves with the `ok` of the reply, which is told to `now` before anything that came behind it is looked at. */
  request(action, now) {
    return new Promise((resolve, reject) => {
      if (this.#socket?.readyState !== 1) return reject(unanswered('the line is gone'))
      const id = ++this.#id
      const timer = setTimeout(() => {
        this.#requests.delete(id)
        reject(unanswered(`no reply within ${REPLY_MILLIS_MAX / 1_000} s`))
      }, REPLY_MILLIS_MAX)
      this.#requests.set(id, { resolve, reject, timer, now })
      // What is published is JSON already.
      const { raw = '', ...members } = action
      this.#socket.send(JSON.stringify({ id, ...members }).slice(0, -1) + raw + '}')
    })
  }

  #take(message) {
    const { reply, ok, error, event, channel } = message
    // Before its reply, what comes is of a subscription that was there before it.
    const entry = this.#feeds.get(channel ?? error?.channel)
    const feed = entry?.begun ? entry.feed : undefined
    if (reply) {
      const request = this.#requests.get(reply)
      if (!request) return
      this.#requests.delete(reply)
      clearTimeout(request.timer)
      if (ok) {
        request.now?.(ok)
        request.resolve(ok)
      } else request.reject(refusal(error))
    } else if (error) feed?.end('failed', refusal(error))
    else if (event === 'expiring') this.#renew(message.seconds)
    else if (event === 'reconnect') this.#comesBackAt = Date.now() + message.after * 1_000
    else if (!feed) return
    else if (!event) feed.message(message)
    else if (event === 'gap') feed.gap(message.from, message.to)
    else if (event === 'closed' || event === 'deleted') feed.end(event)
    else feed.present(message)
  }

  // A token that lives shortly is expiring from its beginning.
  #renew(seconds) {
    const { tokens } = this.#client
    const renewed = () => tokens.refresh().then((token) => this.auth(token)).catch(ignored)
    clearTimeout(this.#renewal)
    this.#renewal = setTimeout(renewed, Math.min(tokens.dueIn, seconds * 500))
  }

  close() {
    this.#host = undefined
    clearTimeout(this.#renewal)
    this.#silence?.close()
    const socket = this.#socket
    this.#forget()
    socket?.close()
  }

  #forget() {
    this.#socket = undefined
    for (const { reject, timer } of this.#requests.values()) {
      clearTimeout(timer)
      reject(unanswered('the line is gone'))
    }
    this.#requests.clear()
  }
}

const ignored = () => {}

const howTo = ({ rate, presence }) => JSON.stringify({ rate, presence: presence || undefined })

function refusal({ code, message, ...members }) {
  const { afterMillis } = members
  return new SwitchboardError(code, message, { ...members, told: afterMillis && { millis: afterMillis } })
}

async function ticket(http) {
  return JSON.parse((await http.ask('/v1/tickets', { method: 'POST' })).text).ticket
}
