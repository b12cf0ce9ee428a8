// A hundred event streams in one page: over HTTP/2 they share its connection; over HTTP/1.1 a browser opens six to a host.
import { pageVersion } from './framing.js'

const STREAMS = 100
const SHARING = { h2: 'HTTP/2', h3: 'HTTP/3' }

/** The version of HTTP that this page came over, where it carries any number of streams; undefined for HTTP/1.1. */
export const sharing = () => SHARING[pageVersion()]

export class ManyStreams {
  #channel
  #credentials
  #got = new Map() // messages of each that is open
  #trouble = ''
  #aborting

  /** @param {object} channel to read, each stream from now on */
  constructor(channel, credentials) {
    this.#channel = channel
    this.#credentials = credentials
  }

  get running() {
    return this.#aborting !== undefined
  }

  start() {
    if (this.running) return
    this.#trouble = ''
    this.#aborting = new AbortController()
    for (let i = 0; i < STREAMS; i++) this.#read(i, this.#aborting.signal)
  }

  stop() {
    this.#aborting?.abort()
    this.#aborting = undefined
    this.#got.clear()
  }

  async #read(number, signal) {
    try {
      const headers = { Accept: 'text/event-stream' }
      const answer = await this.#credentials.fetch(this.#channel.url, { headers, cache: 'no-store', signal })
      if (!answer.ok) throw new Error(`the server answered ${answer.status}`)
      this.#got.set(number, 0)
      let line = ''
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        const lines = (line + piece.value).split('\n')
        line = lines.pop()
        const messages = lines.filter((each) => each.startsWith('data:')).length
        this.#got.set(number, this.#got.get(number) + messages)
      }
      throw new Error('the stream ended')
    } catch (broken) {
      if (signal.aborted) return
      this.#got.delete(number)
      this.#trouble = ` ${STREAMS - this.#got.size} are not: ${broken.message}.`
    }
  }

  /** How it stands, in a sentence or two. */
  get word() {
    const version = sharing()
    if (version === undefined) {
      return (
        'This page came over HTTP/1.1: the browser opens six connections to a host, for all tabs together, and each event stream takes one. ' +
        'Over HTTPS it speaks HTTP/2, where a hundred share one.'
      )
    }
    if (!this.running) return `This page came over ${version}: event streams share its connection, however many.`
    const counts = [...this.#got.values()]
    const least = counts.length === 0 ? 0 : Math.min(...counts)
    const most = Math.max(0, ...counts)
    const each = least === most ? `${least}` : `${least} to ${most}`
    return `${counts.length} event streams are open on the page’s one connection of ${version}. Messages so far, each: ${each}.${this.#trouble}`
  }
}
