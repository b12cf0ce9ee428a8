// A channel from an offset on, as the application sees it: every message once, in order (spec/clients.md, section 1).
//
//   feed ── offer ──► in step with it? ── yes ──► give ──► onMessage, or the iterator
//                          │ no: it joined later, or its iterator was full
//                          └─► catch up by ordinary reads from its own cursor, until it is in step (catching-up.js)
//
// So nobody is ever waited for, and nothing is kept for a slow one but its cursor and a few messages.
import { Cursor } from './cursor.js'
import { SwitchboardError } from './errors.js'

const WAITING_MAX = 100

export class Subscription {
  isFull = false
  onRoom // told when it is full no more
  #client
  #feed
  #on
  #waiting = [] // for the iterator
  #wake // the iterator, which waits for them
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
    this.cursor = new Cursor(options.from ?? 'now')
    /** Behind the last message that was given; or what was asked for. */
    this.offset = this.cursor.at
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
    this.finish({})
  }

  /** Messages as `{ data, offset, skipped, gap }`. To be used once, and without `onMessage`. */
  [Symbol.asyncIterator]() {
    const messages = this.#messages()
    return {
      next: () => messages.next(),
      return: () => {
        this.close()
        return messages.return()
      },
    }
  }

  async *#messages() {
    for (;;) {
      const message = this.#waiting.shift()
      if (this.isFull && this.#waiting.length < WAITING_MAX / 2) {
        this.isFull = false
        this.onRoom?.()
        this.join()
      }
      if (message) {
        this.offset = message.offset
        yield message
      } else if (this.#end?.error) throw this.#end.error
      else if (this.#end) return
      else await new Promise((resolve) => (this.#wake = resolve))
    }
  }

  /** Catches up with the feed, if it is behind; a new one also asks elsewhere, where what it comes from may be gone. */
  join(isNew) {
    const feed = this.#feed
    if (isNew ? this.cursor.at !== feed.cursor.at : feed.over || feed.isAhead(this.cursor)) this.#catchUp()
  }

  /** A message, and the offset it comes behind. */
  offer(before, offset, data, skipped) {
    const { at } = this.cursor
    if (this.#end || this.isFull || this.cursor.isBehind(offset)) return
    if (at === before || (at !== 'now' && before !== '-1' && before <= at)) this.#give(data, offset, skipped)
    else this.#catchUp()
  }

  offerPlace(before, offset) {
    if (this.cursor.at === before) this.#stand(offset)
  }

  // What is not given yet is not behind the application.
  #stand(offset) {
    this.cursor.at = offset
    if (!this.#pending && !this.#waiting.length) this.offset = offset
  }

  offerGap(before, to) {
    const from = this.cursor.at
    if (this.#end || (from !== before && (before > from || from >= to))) return
    this.#stand(to)
    this.#gap ??= { from }
    this.#gap.to = to
    this.#tell('onGap', { from, to })
  }

  /** What `feed` brings is over; what there is before that may still have to be read. */
  offerEnd(feed, reason, error) {
    if (error || !feed.isAhead(this.cursor)) this.finish({ reason, error })
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

  #give(data, offset, skipped) {
    this.cursor.at = offset
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
    if (this.#on.onMessage) {
      this.offset = message.offset
      const { data, ...info } = message
      return this.#tell('onMessage', data, info)
    }
    this.isFull = this.#waiting.push(message) >= WAITING_MAX
    this.#wake?.()
  }

  async #catchUp() {
    if (this.#catching || this.#end) return
    this.#catching = true
    this.stateChanged()
    try {
      const parts = await this.#client.parts()
      await parts.catchUp(this, this.#feed, this.#stop.signal)
    } catch (error) {
      this.finish({ reason: 'failed', error })
    }
    this.#catching = false
    this.stateChanged()
    if (!this.isFull && !this.#feed.over) this.join() // what was read from it meanwhile
  }

  /** @param {{ reason?: string, error?: Error }} end reason: none, if the application wants no more */
  finish(end) {
    if (this.#end) return
    if (this.#pending) this.#pass()
    this.#end = end
    this.#stop.abort()
    this.#client.left(this, this.#feed, end.error)
    this.#wake?.()
    if (end.error) this.#tell('onError', end.error)
    if (end.reason) this.#tell('onEnd', end.reason)
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
