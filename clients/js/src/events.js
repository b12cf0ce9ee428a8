// The second way: event streams over up to 20 channels each, read with fetch (spec/protocol.md, section 2.4).
import { unanswered } from './errors.js'
import { ending, heartbeatOf, Http, isPassing, stranger } from './http.js'
import { Pages } from './pages.js'
import { Polls } from './polls.js'
import { present } from './roster.js'
import { Silence } from './silence.js'

const CHANNELS_MAX = 20
const ALONE = ['forbidden', 'invalid']
const STREAMS_MAX = 4
const LOCATED_MAX = 6 // at a time, as browsers do, and fewer than Node.js likes to have wait for one signal
const EVENT_CHARS_MAX = 1 << 28

export class Events {
  /** Why it is given up when it was not proven in time. */
  whySlow = 'its first bytes did not come'
  #client
  #http
  #host
  #streams = new Set()
  #polls // of what finds no place on a stream
  #inUse = false

  constructor(client, http, host) {
    this.#client = client
    this.#http = http
    this.#host = host
    this.sync()
  }

  use() {
    this.#inUse = true
    this.sync()
  }

  sync() {
    if (!this.#host) return
    const feeds = [...this.#client.feeds.values()].filter((feed) => !feed.over)
    if (this.#inUse) feeds.forEach((feed) => present(feed))
    const isCarried = (feed) => [...this.#streams].some((stream) => stream.feeds.includes(feed))
    for (const stream of this.#streams) if (!feeds.some((feed) => stream.feeds.includes(feed))) this.#drop(stream)
    let left = feeds.filter((feed) => !isCarried(feed))
    while (left.length > 0) {
      // One that has room is opened anew, with more on it.
      const roomy = [...this.#streams].find((stream) => inUse(stream, feeds).length < CHANNELS_MAX && !stream.successor)
      if (!roomy && this.#streams.size >= STREAMS_MAX) break
      const old = roomy ? inUse(roomy, feeds) : []
      const stream = this.#open([...old, ...left.slice(0, CHANNELS_MAX - old.length)], roomy)
      left = left.filter((feed) => !stream.feeds.includes(feed))
    }
    this.#polls?.close()
    this.#polls = left.length > 0 ? new Polls(this.#client, this.#http, { ...this.#host, proven() {} }, { feeds: left }) : undefined
  }

  #open(feeds, before) {
    const stream = { feeds, stop: new AbortController(), before }
    if (before) before.successor = stream
    this.#streams.add(stream)
    this.#run(stream)
    return stream
  }

  // It ends with the token that opened it, so another takes its place before.
  async #renew(stream, token) {
    const newest = await this.#client.tokens.get()
    const feeds = stream.feeds.filter(({ over }) => !over)
    if (newest !== token && feeds.length > 0 && !stream.successor && !stream.stop.signal.aborted) this.#open(feeds, stream)
  }

  #drop(stream) {
    if (stream.before) this.#drop(stream.before)
    this.#streams.delete(stream)
    stream.stop.abort()
  }

  async #run(stream) {
    const { signal } = stream.stop
    try {
      await this.#read(stream, signal)
      throw unanswered('ended')
    } catch (error) {
      if (signal.aborted) return
      this.#streams.delete(stream)
      stream.stop.abort()
      if (stream.before) stream.before.successor = undefined
      const feed = error.channel && stream.feeds.find(({ channel }) => channel === error.channel)
      if (stream.feeds.every(({ over }) => over)) return
      // One that is refused takes no other with it.
      if (feed && ALONE.includes(error.code)) {
        if (!feed.over) feed.end('failed', error)
        return this.sync()
      }
      const how = ending(error)
      const host = this.#host
      this.close()
      host?.over({ ...how, why: stream.why ?? how.why, told: stream.told ?? how.told, planned: stream.told !== undefined })
    }
  }

  async #read(stream, signal) {
    await this.#locate(stream, signal)
    const query = stream.feeds.map(({ channel }) => `channel=${encodeURIComponent(channel)}`).join('&')
    const id = stream.feeds.map(({ cursor }) => (cursor.isKnown ? cursor.at : '-')).join()
    const headers = { Accept: 'text/event-stream', 'Last-Event-ID': id }
    const { response, token } = await this.#http.ask(`/live?${query}`, { headers, signal, cache: 'no-store', stream: true })
    if (response.status === 204) {
      // Captive portals and proxies say 204, too.
      if (!response.headers.has('Stream-Closed')) throw stranger()
      this.#proven(stream)
      for (const feed of stream.feeds) feed.end('closed')
      return
    }
    if (!/^text\/event-stream/.test(response.headers.get('Content-Type'))) throw stranger()
    const reader = response.body.getReader()
    const decoder = new TextDecoder()
    const parse = events((event) => this.#take(stream, event))
    const leave = () => reader.cancel().catch(() => {})
    const late = (is) => this.#host?.late(is)
    const silence = new Silence(heartbeatOf(response, this.#client.options.heartbeat), late, () => {
      stream.why = 'nothing came for too long'
      leave()
    })
    try {
      for (;;) {
        silence.broken()
        const { value, done } = await reader.read()
        if (done || signal.aborted) return
        this.#proven(stream)
        parse(decoder.decode(value, { stream: true }))
        this.#renew(stream, token).catch(() => {}) // the next sign of life tries again
      }
    } finally {
      silence.close()
      leave()
    }
  }

  // A `Last-Event-ID` knows no `now`.
  async #locate({ feeds }, signal) {
    const left = [...feeds]
    const some = async () => {
      for (let feed; (feed = left.shift()); ) {
        try {
          Http.path(feed.channel)
          if (feed.cursor.at === 'now') await new Pages(this.#http, feed.channel).read(feed, { signal })
        } catch (error) {
          throw isPassing(error) ? error : Object.assign(error, { channel: feed.channel })
        }
      }
    }
    await Promise.all(Array.from({ length: LOCATED_MAX }, some))
  }

  // The head proves nothing: proxies send heads, and hold bodies back.
  #proven(stream) {
    if (stream.before) this.#drop(stream.before)
    stream.before = undefined
    if (stream.isProven) return
    stream.isProven = true
    this.#host?.proven()
  }

  #take(stream, { event, data, retry }) {
    if (retry !== undefined) stream.told = { millis: retry }
    if (!data) return
    const message = JSON.parse(data)
    const feed = stream.feeds.find(({ channel }) => channel === message.channel)
    if (!feed || feed.over) return
    if (!event) feed.message(message)
    else if (event === 'gap') feed.gap(message.from, message.to)
    else if (event === 'closed' || event === 'deleted') feed.end(event)
  }

  close() {
    this.#host = undefined
    this.#polls?.close()
    for (const stream of this.#streams) this.#drop(stream)
  }
}

const inUse = (stream, feeds) => stream.feeds.filter((feed) => feeds.includes(feed))

/**
 * A parser of event streams: takes text as it comes, and gives each event with `data`, or with `retry`.
 *
 * @param {(event: { event?: string, data?: string, retry?: number }) => void} give
 */
export function events(give) {
  let rest = '' // of a line
  let half = '' // of a line end
  let one = {}
  return (text) => {
    text = half + text
    half = text.endsWith('\r') ? '\r' : ''
    const lines = text.slice(0, text.length - half.length).split(/\r\n|\n|\r/)
    lines[0] = rest + lines[0]
    rest = lines.pop()
    for (const line of lines) {
      const [, name, value] = /^([^:]*):? ?(.*)$/s.exec(line)
      if (line === '') {
        if (one.data !== undefined || one.retry !== undefined) give(one)
        one = {}
      } else if (name === 'data') one.data = one.data === undefined ? value : `${one.data}\n${value}`
      else if (name === 'event') one.event = value
      else if (name === 'retry') one.retry = Number(value)
    }
    if (rest.length + (one.data?.length ?? 0) > EVENT_CHARS_MAX) throw unanswered('an event is too long')
  }
}
