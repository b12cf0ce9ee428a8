// What there is after an offset, in one answer: for catching up, long-polls and polls.
import { delay } from './backoff.js'
import { pause } from './pause.js'
import { heartbeatOf, Http, stranger } from './http.js'

/** One channel, page by page. */
export class Pages {
  #http
  #channel
  #echo
  #gaps = 0 // in a row

  constructor(http, channel) {
    this.#http = http
    this.#channel = channel
  }

  /**
   * Reads on from where a feed stands, and tells it what comes. Rejects as `Http.ask` does. Whoever lags behind a
   * channel that forgets faster than one reads gets gap after gap, and asks for them by the backoff.
   *
   * @param {import('./feed.js').Feed} feed
   * @param {{ wait?: boolean, signal: AbortSignal, millisMax?: number, room?: () => unknown }} options wait: a long-poll;
   *   room: what to wait for before the next message, if anything
   * @returns {Promise<{ asked: string, gone?: boolean, isEmpty?: boolean, upToDate: boolean, heartbeat?: number }>}
   *   gone: deleted, or not there; heartbeat: within how many milliseconds a long-poll is answered, if that was said
   */
  async read(feed, { wait, signal, millisMax, room }) {
    if (this.#gaps > 1) await pause(delay(this.#gaps - 2, Math.random()), signal)
    const asked = feed.cursor.at
    // Not from the browser's cache: it keeps answers that broke off, and lets one question wait for another.
    const options = { signal, millisMax, cache: 'no-store' }
    const echo = wait && this.#echo ? `&cursor=${this.#echo}` : ''
    const query = `?offset=${asked}&as=envelopes${wait ? '&live=long-poll' : ''}${echo}`
    try {
      const { response, text } = await this.#http.ask(Http.path(this.#channel) + query, options)
      const { headers, status } = response
      if (!headers.has('Stream-Next-Offset')) throw stranger()
      // Without TLS, Chromium takes an answer that broke off within its head for a whole one with an empty body. So only a
      // whole body says that the head is whole too, and what has none moves nobody.
      const isNothing = status === 204
      const next = isNothing ? asked : headers.get('Stream-Next-Offset')
      const messages = isNothing ? [] : JSON.parse(text)
      const upToDate = isNothing || headers.has('Stream-Up-To-Date')
      this.#gaps = 0
      this.#echo = headers.get('Stream-Cursor')
      if (signal.aborted) return { asked, upToDate }
      feed.begin(next)
      for (const message of messages) {
        const full = room?.()
        if (full) await full
        if (signal.aborted) return { asked, upToDate }
        feed.message(message)
      }
      if (upToDate && headers.has('Stream-Closed')) feed.end('closed')
      else feed.stand(next)
      return { asked, upToDate, isEmpty: messages.length === 0, heartbeat: heartbeatOf(response) }
    } catch (error) {
      if (signal.aborted) throw error
      const isGone = error.code === 'gone'
      if ((error.code === 'not_found' && error.reason !== 'path') || (isGone && error.reason === 'deleted')) {
        // One that is not there yet begins at its beginning; one that was read is not there any more.
        if (isGone || feed.cursor.isKnown) feed.end('deleted')
        else feed.begin('-1')
        return { asked, gone: true, upToDate: true }
      }
      const to = isGone && (error.earliest ?? error.resume)
      if (!to) throw error instanceof SyntaxError ? stranger() : error
      this.#gaps++
      feed.gap(asked, to)
      return { asked, upToDate: false }
    }
  }
}
