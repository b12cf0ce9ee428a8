// The last two ways: ordinary reads, which wait for news (at most 4 at a time) or come again after a while.
import { now } from './clock.js'
import { ending, isPassing } from './http.js'
import { Pages } from './pages.js'
import { pause } from './pause.js'
import { present } from './roster.js'

const POLL_EVERY = 5_000
const WAITING_MAX = 4
const HASTY_MILLIS = 500

export class Polls {
  #client
  #http
  #host
  #waits
  #feeds
  #loops = new Map() // by feed: what stops it
  #inUse = false

  /** @param {{ waits?: boolean, feeds?: object[] }} options feeds: these only */
  constructor(client, http, host, { waits = false, feeds } = {}) {
    this.#client = client
    this.#http = http
    this.#host = host
    this.#waits = waits
    this.#feeds = feeds
    this.sync()
  }

  use() {
    this.#inUse = true
    this.sync()
  }

  sync() {
    if (!this.#host) return
    const feeds = this.#feeds ?? [...this.#client.feeds.values()]
    if (this.#inUse) feeds.forEach((feed) => present(feed))
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
    const { pollEvery = POLL_EVERY } = this.#client.options
    let { heartbeat } = this.#client.options
    const pages = new Pages(this.#http, feed.channel)
    try {
      // The first question does not wait, so that it is soon known whether this works.
      for (let wait = false; !signal.aborted; ) {
        const begun = now()
        const page = await pages.read(feed, { wait, signal, millisMax: wait ? heartbeat + 10_000 : undefined })
        if (signal.aborted) return
        heartbeat = page.heartbeat ?? heartbeat
        this.#host?.proven()
        if (feed.over) return
        // One that does not wait although it was asked to is not asked without end.
        const hasty = wait && page.isEmpty && now() - begun < HASTY_MILLIS
        wait = this.#waits && !page.gone && [...this.#loops.keys()].indexOf(feed) < WAITING_MAX
        if (page.upToDate && (!wait || hasty)) await pause(pollEvery, signal)
      }
    } catch (error) {
      if (signal.aborted) return
      const isNowhere = error.reason === 'path'
      if (!isPassing(error) && !isNowhere) return feed.end('failed', error)
      const host = this.#host
      this.close()
      host?.over(ending(error))
    }
  }

  close() {
    this.#host = undefined
    for (const stop of this.#loops.values()) stop.abort()
  }
}
