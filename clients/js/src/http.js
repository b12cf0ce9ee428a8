// Requests in the name of whoever the token says, and answers as values or errors.
import { SwitchboardError, unanswered } from './errors.js'

const ANSWER_MILLIS_MAX = 20_000
const TRIES_MAX = 3 // with another token each

/** Why an answer does not count: proxies and other servers answer, too. */
export const stranger = () => unanswered('the answer is not from a Switchboard server')

export class Http {
  #base
  #fetch
  #tokens

  constructor(base, fetch, tokens) {
    this.#base = base
    this.#fetch = fetch
    this.#tokens = tokens
  }

  /** The path of a channel. */
  static path(channel) {
    return '/v1/stream/' + channel.split('/').map(encodeURIComponent).join('/')
  }

  /** The answer, if it is a success. Its body may fail later. */
  async ask(path, { signal, millisMax = ANSWER_MILLIS_MAX, headers, ...options } = {}) {
    for (let tries = 1; ; tries++) {
      const token = await this.#tokens.get()
      const stop = new AbortController()
      const abort = () => stop.abort()
      const timer = setTimeout(abort, millisMax)
      signal?.addEventListener('abort', abort)
      let response
      try {
        signal?.throwIfAborted()
        response = await this.#fetch(this.#base + path, {
          ...options,
          headers: token ? { ...headers, Authorization: `Bearer ${token}` } : headers,
          signal: stop.signal,
        })
        // A body that is a stream is watched by whoever reads it; that of a refusal may never come, as any other.
        if (response.ok && options.stream) clearTimeout(timer)
        if (!response.ok) await refuse(response)
        return { token, response, text: options.stream ? undefined : await response.text() }
      } catch (error) {
        if (error.status === 401 && tries < TRIES_MAX) {
          await this.#tokens.refused(token)
          continue
        }
        throw error instanceof SwitchboardError ? error : unanswered('the server does not answer')
      } finally {
        clearTimeout(timer)
        if (!options.stream) signal?.removeEventListener('abort', abort)
        if (response?.ok) this.#tokens.accepted()
      }
    }
  }
}

async function refuse(response) {
  const { status, headers } = response
  let problem
  try {
    problem = JSON.parse(await response.text())
  } catch {
    // Not from our server.
  }
  const seconds = headers.get('Retry-After')
  const told = problem?.afterMillis ? { millis: problem.afterMillis } : /^\d+$/.test(seconds) ? { seconds: Number(seconds) } : undefined
  // What does not come from our server says nothing about a channel.
  const { code = 'unavailable', detail = `answered ${status}`, ...members } = problem ?? {}
  throw new SwitchboardError(code, detail, { ...members, status, told })
}
