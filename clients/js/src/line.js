// The best way: one WebSocket for all channels, in both directions (spec/protocol.md, section 4).
import { NO_REPLY, SwitchboardError, unanswered } from './errors.js'

const SUBPROTOCOL = 'switchboard.v1'
const REPLY_MILLIS_MAX = 20_000
const PING_MILLIS_MAX = 10_000
const LATE_MILLIS = 5_000
const FINAL = { 4003: 'forbidden', 4012: 'unauthorized' }
const INVALID = [1002, 1003, 1007, 1009]
const UNAUTHORIZED = [4001, 4010]
// Too many are too many also on the next line.
const PASSING = ['unanswered', 'unavailable', 'internal']
const PLANNED = [1001, 1012, 4010]

export class Line {
  #client
  #host
  #socket
  #token
  #requests = new Map() // id: how to settle it; at most one for each channel and publisher, and a few
  #id = 0
  #feeds = new Map() // that were asked for, by channel: with what
  #proven = false
  #comesBackAt
  #inUse = false
  #quiet // timers

  /** @param {{ proven: () => void, over: (how: object) => void }} host */
  constructor(client, host) {
    this.#client = client
    this.#host = host
    this.#open().catch((error) => this.#failed(error))
  }

  async #open() {
    const { tokens, options, base } = this.#client
    const query = options.tickets ? await (await this.#client.parts()).ticket() : ''
    this.#token = await tokens.get()
    if (!this.#host) return
    const socket = (this.#socket = new options.WebSocket(base.replace(/^http/, 'ws') + '/live' + query, SUBPROTOCOL))
    let opened = false
    socket.onopen = () => {
      opened = true
      if (this.#token && !query) this.auth(this.#token)
      this.ping(() => {
        this.#proven = true
        tokens.accepted()
        this.#host?.proven()
      })
    }
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket) return
      if (this.#inUse) this.#listen()
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
    const final = INVALID.includes(code) ? 'invalid' : FINAL[code]
    if (this.#proven && final) return this.#over({ why, error: new SwitchboardError(final, reason || why) })
    if (UNAUTHORIZED.includes(code)) {
      this.#forget()
      try {
        await this.#client.tokens.refused(this.#token)
        if (!this.#proven && this.#host) return await this.#open()
      } catch (error) {
        return this.#failed(error)
      }
    }
    const left = this.#comesBackAt - Date.now()
    this.#over({
      why,
      planned: PLANNED.includes(code) || left >= 0,
      told: this.#comesBackAt && { millis: Math.max(0, left) },
      busy: code === 1013,
    })
  }

  #failed({ message, told }) {
    this.#over({ why: message, told })
  }

  #over(how) {
    const host = this.#host
    this.close()
    host?.over(how)
  }

  /** All is sent to it from now on. */
  use() {
    this.#inUse = true
    this.#listen()
    this.sync()
  }

  // A page cannot see pings, so it asks when nothing has come for as long as the server sends them.
  #listen() {
    clearTimeout(this.#quiet)
    this.#host.late(false)
    this.#quiet = setTimeout(() => {
      this.ping()
      this.#quiet = setTimeout(() => this.#host.late(true), LATE_MILLIS)
    }, this.#client.options.heartbeat)
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
      entry.begun = feed
      feed.begin(offset)
    }
    try {
      await this.request({ action: 'subscribe', channel, offset: feed.cursor.at, ...JSON.parse(how) }, begun)
    } catch (error) {
      if (this.#feeds.get(channel) !== entry) return
      this.#feeds.delete(channel)
      if (!this.#host) return
      if (PASSING.includes(error.code)) this.#failed(error)
      else if (error.code === 'not_found' || error.reason === 'deleted') feed.end('deleted')
      else feed.end('failed', error)
    }
  }

  auth(token) {
    this.#token = token
    return this.request({ action: 'auth', token }).catch(ignored) // the server closes the line, or the old one counts
  }

  /** Whether the server is still there; ends the line if it is not. */
  ping(then) {
    const socket = this.#socket
    const failed = (error) => socket === this.#socket && this.#failed(error)
    this.request({ action: 'ping' }, then, PING_MILLIS_MAX).catch(failed)
  }

  /**
   * Resolves with the `ok` of the reply, which is told to `now` before anything that came behind it is looked at.
   *
   * @param {object | string} action which may be JSON already
   */
  request(action, now, millisMax = REPLY_MILLIS_MAX) {
    return new Promise((resolve, reject) => {
      if (this.#socket?.readyState !== 1) return reject(unanswered('the line is gone'))
      const id = ++this.#id
      const timer = setTimeout(() => {
        this.#requests.delete(id)
        reject(unanswered(NO_REPLY))
      }, millisMax)
      this.#requests.set(id, { resolve, reject, timer, now })
      const text = typeof action === 'string' ? action : JSON.stringify(action)
      this.#socket.send(`{"id":${id},${text.slice(1)}`)
    })
  }

  #take(message) {
    const { reply, ok, error, event, channel } = message
    // Before its reply, what comes is of a subscription that was there before it.
    const feed = this.#feeds.get(channel ?? error?.channel)?.begun
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
    else if (event === 'reconnect') this.#comesBackAt = Date.now() + message.after * 1_000
    else if (!event) feed?.message(message)
    else if (event === 'gap') feed?.gap(message.from, message.to)
    else if (event === 'closed' || event === 'deleted') feed?.end(event)
    else this.#client.parts().then((parts) => parts?.hear(this, feed, message))
  }

  close() {
    this.#host = undefined
    const socket = this.#socket
    this.#forget()
    socket?.close()
  }

  #forget() {
    this.#socket = undefined
    clearTimeout(this.#quiet)
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
