// The last two ways: ordinary reads, which wait for news (at most 4 at a time) or come again after a while.
import { beginning } from './events.js'
import { readPage } from './pages.js'

const WAITING_MAX = 4
const HASTY_MILLIS = 500

export class Polls {
  #client
  #host
  #waits
  #feeds
  #loops = new Map() // by feed: what stops it

  /** @param {{ waits?: boolean, feeds?: object[] }} options feeds: these only */
  constructor(client, host, { waits = false, feeds } = {}) {
    this.#client = client
    this.#host = host
    this.#waits = waits
    this.#feeds = feeds
    this.sync()
  }

  use() {}

  sync() {
    if (!this.#host) return
    const feeds = this.#feeds ?? [...this.#client.feeds.values()]
    for (const [feed, stop] of this.#loops) {
      if (feeds.includes(feed) && !feed.over) continue
      stop.abort()
      this.#loops.delete(feed)
    }
    for (const feed of feeds) if (!this.#loops.has(feed) && !feed.over) this.#run(feed)
  }

  async #run(feed) {
    const stop = new AbortController()
    const { signal } = stop
    this.#loops.set(feed, stop)
    let echo
    try {
      // The first question does not wait, so that it is soon known whether this works.
      for (let wait = false; !signal.aborted; ) {
        const begun = this.#client.now()
        const asked = feed.cursor.at
        const millisMax = wait ? this.#client.options.heartbeat + 10_000 : undefined
        const page = await readPage(this.#client.http, feed.channel, beginning(feed), { wait, echo, signal, millisMax })
        if (signal.aborted) return
        echo = page.echo
        if (page.gap) feed.gap(asked, page.gap)
        for (const message of page.messages) feed.message(message)
        if (page.deleted) feed.end('deleted')
        else if (page.closed && page.upToDate) feed.end('closed')
        else if (page.next) feed.stand(page.next)
        this.#host?.proven()
        if (feed.over) return
        // One that does not wait although it was asked to is not asked without end.
        const hasty = wait && page.messages.length === 0 && this.#client.now() - begun < HASTY_MILLIS
        wait = this.#waits && !page.gone && [...this.#loops.keys()].indexOf(feed) < WAITING_MAX
        if (page.upToDate && (!wait || hasty)) await this.#client.pause(this.#client.options.pollEvery, signal)
      }
    } catch (error) {
      if (signal.aborted) return
      if (!this.#client.isPassing(error)) return feed.end('failed', error)
      const { message, told, status } = error
      const host = this.#host
      this.close()
      host?.over({ why: message, told, busy: told && (status === 429 || status === 503) })
    }
  }

  close() {
    this.#host = undefined
    for (const stop of this.#loops.values()) stop.abort()
  }
}
