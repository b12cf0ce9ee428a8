// A channel as the transport brings it, once for all subscriptions of a client to it.
import { Cursor } from './cursor.js'

export class Feed {
  roster // who is there, if that was told (roster.js)

  constructor(channel, from) {
    this.channel = channel
    this.cursor = new Cursor(from)
    this.subscriptions = new Set()
  }

  /** At most so many messages a second, if nobody here wants more. */
  get rate() {
    const rates = [...this.subscriptions].map(({ rate }) => rate)
    return rates.includes(undefined) ? undefined : Math.max(...rates)
  }

  get presence() {
    return [...this.subscriptions].some(({ presence }) => presence)
  }

  /** Whether there is more than `cursor` has seen. */
  isAhead(cursor) {
    return this.cursor.isKnown && !cursor.isBehind(this.cursor.at)
  }

  /** @param {{ offset: string, data?: *, base64?: string, skipped?: number }} envelope */
  message({ offset, data, base64, skipped = 0 }) {
    if (this.cursor.isBehind(offset)) return
    const before = this.cursor.at
    this.cursor.at = offset
    if (base64 !== undefined) data = bytesOf(base64)
    for (const each of this.subscriptions) each.offer(before, offset, data, skipped)
  }

  /** The server says where `now` is. */
  begin(offset) {
    if (this.cursor.at === 'now') this.stand(offset)
  }

  /** There is nothing between where it stands and `offset`. */
  stand(offset) {
    if (this.cursor.isBehind(offset)) return // another transport has brought more meanwhile
    const before = this.cursor.at
    this.cursor.at = offset
    for (const each of this.subscriptions) {
      each.offerPlace(before, offset)
      each.join()
    }
  }

  /** What follows `from` is gone, up to `to`. What is lost with a server may lie before it. */
  gap(from, to) {
    const before = this.cursor.at
    if (before !== from && this.cursor.isBehind(to)) return // as above
    this.cursor.at = to
    for (const each of this.subscriptions) each.offerGap(before, to)
  }

  /** @param {string} reason `closed` or `deleted`; or `failed`, with the error */
  end(reason, error) {
    this.over = true
    for (const each of this.subscriptions) each.offerEnd(this, reason, error)
  }

  join(subscription) {
    this.subscriptions.add(subscription)
    if (this.roster) subscription.present(this.roster)
    subscription.join(true)
  }
}

/** The bytes of a binary message, as JSON carries them. */
const bytesOf = (base64) => Uint8Array.from(atob(base64), (each) => each.charCodeAt(0))
