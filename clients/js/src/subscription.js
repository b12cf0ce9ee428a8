// A channel from an offset on, as the application sees it: every message once, in order (spec/clients.md, section 1).
//
//   feed ── offer ──► in step with it? ── yes ──► give ──► onMessage, or the iterator
//                          │ no: it joined later, or its iterator was full
//                          └─► catch up by ordinary reads from its own cursor, until it is in step
//
// So nobody is ever waited for, and nothing is kept for a slow one but its cursor and a few messages.
import { delay } from './backoff.js'
import { bytesOf } from './content.js'
import { Cursor } from './cursor.js'
import { SwitchboardError, unanswered } from './errors.js'
import { readPage } from './pages.js'

const WAITING_MAX = 100

export class Subscription {
  #client
  #feed
  #on
  #cursor
  #waiting = [] // for the iterator
  #wanted = [] // by it
  #full = false
  #catching = false
  #gap
  #pending // the newest, which comes when the rate allows
  #due = 0
  #timer
  #told // the state
  #end // how it ended
  #stop = new AbortController()

  constructor(client, feed, options) {
    this.#client = client
    this.#feed = feed
    this.#on = options
    this.#cursor = new Cursor(options.from ?? 'now')
    /** Behind the last message that was given; or what was asked for. */
    this.offset = this.#cursor.at
    this.rate = options.rate
    this.presence = options.presence
  }

  get channel() {
    return this.#feed.channel
  }

  get state() {
    return this.#end ? 'ended' : this.#catching ? 'behind' : this.#client.state.state
  }

  close() {
    this.#finish({})
  }

  /** Messages as `{ data, offset, skipped, gap }`. To be used once, and without `onMessage`. */
  [Symbol.asyncIterator]() {
    return {
      next: () => {
        const message = this.#waiting.shift()
        if (this.#full && this.#waiting.length < WAITING_MAX / 2) {
          this.#full = false
          this.join()
        }
        if (message) return Promise.resolve({ value: message, done: false })
        if (this.#end) return this.#end.error ? Promise.reject(this.#end.error) : Promise.resolve({ value: undefined, done: true })
        return new Promise((resolve, reject) => this.#wanted.push({ resolve, reject }))
      },
      return: () => {
        this.close()
        return Promise.resolve({ value: undefined, done: true })
      },
    }
  }

  /** Catches up with the feed, if it is behind or does not know where it stands. */
  join() {
    const { at, isKnown } = this.#feed.cursor
    const asFeed = this.#cursor.at === at || (this.#cursor.at !== 'now' && (at === '-1' || (isKnown && !this.#feed.isAhead(this.#cursor))))
    if (!asFeed || (this.#feed.over && !this.#end)) this.#catchUp()
  }

  offer(before, offset, data, skipped) {
    if (this.#end || this.#cursor.isBehind(offset) || this.#full) return
    const inStep = this.#cursor.at === before || (this.#cursor.at !== 'now' && before <= this.#cursor.at)
    if (inStep) this.#give(data, offset, skipped)
    else this.#catchUp()
  }

  offerPlace(before, offset) {
    if (this.#cursor.at === before) this.#stand(offset)
  }

  offerGap(before, to) {
    const { at } = this.#cursor
    if (at === before || (before <= at && at < to)) this.#tellGap(to)
  }

  offerEnd(reason, error) {
    if (error || !this.#feed.isAhead(this.#cursor)) this.#finish({ reason, error })
    else this.#catchUp()
  }

  present(roster) {
    if (this.presence) this.#tell('onPresence', roster)
  }

  stateChanged() {
    if (this.#end || this.#told === this.state) return
    this.#told = this.state
    this.#tell('onState', this.state)
  }

  // There is nothing between.
  #stand(offset) {
    this.#cursor.at = offset
    if (!this.#pending) this.offset = offset
  }

  #tellGap(to) {
    const gap = { from: this.#cursor.at, to }
    this.#cursor.at = this.offset = to
    this.#gap ??= gap
    this.#gap.to = to
    this.#tell('onGap', gap)
  }

  #give(data, offset, skipped) {
    this.#cursor.at = offset
    if (this.#pending) skipped += this.#pending.skipped + 1
    this.#pending = { data, offset, skipped }
    const early = this.rate ? this.#due - Date.now() : 0
    if (early > 0) this.#timer ??= setTimeout(() => this.#pass(), early)
    else this.#pass()
  }

  #pass() {
    const message = this.#pending
    this.#timer = clearTimeout(this.#timer)
    this.#due = Date.now() + 1_000 / this.rate
    this.#pending = undefined
    if (this.#gap) message.gap = this.#gap
    this.#gap = undefined
    this.offset = message.offset
    if (this.#on.onMessage) {
      const { data, ...info } = message
      this.#tell('onMessage', data, info)
    } else if (this.#wanted.length > 0) this.#wanted.shift().resolve({ value: message, done: false })
    else this.#full = this.#waiting.push(message) >= WAITING_MAX
  }

  async #catchUp() {
    if (this.#catching || this.#end) return
    this.#catching = true
    this.stateChanged()
    try {
      for (let attempt = 0; !this.#end && !this.#full; ) {
        try {
          if (await this.#readOn()) break
          attempt = 0
        } catch (error) {
          if (this.#end) return
          if (!this.#client.isPassing(error)) return this.#finish({ reason: 'failed', error })
          await this.#client.pause(delay(attempt++, Math.random(), error.told), this.#stop.signal)
        }
      }
    } finally {
      this.#catching = false
      this.stateChanged()
    }
  }

  /** Returns whether it is in step with the feed. */
  async #readOn() {
    const options = { signal: this.#stop.signal }
    const asked = this.#cursor.at
    const page = await readPage(this.#client.http, this.channel, this.#cursor, options)
    if (this.#end) return true
    if (page.gap && (this.#cursor.at === asked || !this.#cursor.isBehind(page.gap))) this.#tellGap(page.gap)
    if (page.deleted || (page.gone && this.#feed.over)) this.#finish({ reason: 'deleted' })
    for (const { offset, data, base64 } of page.messages) {
      if (this.#full || this.#end) return true
      if (!this.#cursor.isBehind(offset)) this.#give(base64 === undefined ? data : bytesOf(base64), offset, 0)
    }
    if (page.next && !this.#cursor.isBehind(page.next)) this.#stand(page.next)
    if (this.#full) return false
    if (page.upToDate && page.closed) this.#finish({ reason: 'closed' })
    if (this.#end || (page.upToDate && !this.#feed.isAhead(this.#cursor))) return true
    // Where there is nothing of what there should be, nobody asks without end.
    if (this.#cursor.at === asked) throw unanswered('what the channel has is not there')
    return false
  }

  #finish(end) {
    if (this.#end) return
    if (this.#pending) this.#pass()
    this.#end = end
    this.#stop.abort()
    this.#client.left(this, this.#feed)
    for (const { resolve, reject } of this.#wanted.splice(0)) {
      if (end.error) reject(end.error)
      else resolve({ value: undefined, done: true })
    }
    if (!end.reason) return
    if (end.error) this.#tell('onError', end.error)
    this.#tell('onEnd', end.reason)
  }

  // What the application throws stops nothing.
  #tell(name, ...what) {
    try {
      this.#on[name]?.(...what)
    } catch (error) {
      if (name === 'onError' || !this.#on.onError) console.error(error)
      else this.#tell('onError', new SwitchboardError('application', `${name} failed`, { cause: error }))
    }
  }
}
