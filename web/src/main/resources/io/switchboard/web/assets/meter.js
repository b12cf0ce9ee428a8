// What one way to read was seen to do: messages, requests, connections, bytes, delays.
import { Checker } from './checker.js'

const WINDOW_MILLIS = 60_000
const DELAYS_MAX = 12_000 // a minute at 200 a second
const ASKED_MAX = 2_000

/** Milliseconds since 1970 on this page's own clock: publisher and readers share it, so no clocks are compared. */
export const now = () => performance.timeOrigin + performance.now()

/** What a message says about itself, if a page like this one published it; else undefined. */
export function numbered(text) {
  try {
    const message = JSON.parse(text)
    const good = typeof message?.page === 'string' && Number.isSafeInteger(message.n) && typeof message.t === 'number'
    return good ? message : undefined
  } catch {
    return undefined
  }
}

export class Meter {
  messages = 0
  requests = 0
  /** Down. */
  bytes = 0
  /** Up; known of the relay only. @type {number | undefined} */
  up = undefined
  /** Open now; known of the relay only. @type {number | undefined} */
  connections = undefined
  gaps = 0
  last = ''
  checker = new Checker()
  /** When the last requests were sent, oldest first. @type {number[]} */
  asked = []
  /** This page's own message of the highest number. @type {{ page: string, n: number } | undefined} */
  newest = undefined
  /** Delays of this page's own messages in the last minute, oldest first; `after` marks one that follows a break. */
  delays = []
  #own
  #measureFrom = 0
  #door
  #broken = false

  /** @param {Set<string>} own the names under which this page publishes */
  constructor(own) {
    this.#own = own
  }

  /** Messages published before now waited for this page, not for the network: they are shown, not measured. */
  begin() {
    this.#measureFrom = now()
    this.broke()
  }

  /** The connection is lost. */
  broke() {
    this.#broken = true
  }

  requested() {
    this.requests++
    this.asked.push(now())
    if (this.asked.length > ASKED_MAX) this.asked.shift()
  }

  /** What the page itself saw come down; of no interest where the relay counts. */
  downloaded(bytes) {
    if (this.#door === undefined) this.bytes += bytes
  }

  /**
   * What the relay counted so far at this way's door; undefined if it does not go through one.
   *
   * @param {{ port: number, open: number, bytesUp: number, bytesDown: number }} [door]
   */
  relayed(door) {
    const before = this.#door
    this.#door = door
    this.connections = door?.open
    if (door === undefined || before?.port !== door.port) return
    this.bytes += door.bytesDown - before.bytesDown
    this.up = (this.up ?? 0) + door.bytesUp - before.bytesUp
  }

  /** The server said that messages are gone. */
  gap() {
    this.gaps++
  }

  /** @param {string} text of one message */
  received(text) {
    const at = now()
    this.messages++
    this.last = text
    const message = numbered(text)
    if (message === undefined) return
    this.checker.take(message.page, message.n)
    if (!this.#own.has(message.page)) return
    if (this.newest?.page !== message.page || this.newest.n < message.n) this.newest = message
    if (message.t >= this.#measureFrom) {
      this.delays.push({ at, millis: Math.max(0, at - message.t), n: message.n, after: this.#broken })
      if (this.delays.length > DELAYS_MAX) this.delays.shift()
      this.#broken = false
    }
  }

  /** Lets go of what is older than the window. */
  trim() {
    const oldest = now() - WINDOW_MILLIS
    const first = this.delays.findIndex((delay) => delay.at >= oldest)
    if (first !== 0) this.delays.splice(0, first < 0 ? this.delays.length : first)
  }

  /**
   * The delay that a share of the messages did not exceed (nearest rank); undefined if there was none.
   *
   * @param {number} share 0.5 for the median
   * @param {number} [since] leave out what came before
   */
  percentile(share, since = 0) {
    const of = since === 0 ? this.delays : this.delays.filter((delay) => delay.at >= since)
    const sorted = Float64Array.from(of, (delay) => delay.millis).sort()
    return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
  }
}
