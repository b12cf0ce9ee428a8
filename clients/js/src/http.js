// Requests in the name of whoever the token says, and answers as values or errors.
import { SwitchboardError, unanswered } from './errors.js'

const ANSWER_MILLIS_MAX = 20_000
const TRIES_MAX = 3 // with another token each
const HEARTBEAT_SECONDS_MAX = 3_600
const PASSING = [408, 425, 429] // of the refusals that are no fault of the server
const PASSING_CODES = ['unanswered', 'unavailable', 'internal', 'too_many', 'request_timeout']

/** Why an answer does not count: proxies and other servers answer, too. */
export const stranger = () => Object.assign(unanswered('the answer is not from a Switchboard server'), { stranger: true })

/** Whether the same may work later. */
export const isPassing = ({ code }) => PASSING_CODES.includes(code)

/** How a transport tells that it ended by this. */
export const ending = (error) => {
  const { message, told, status, reason, stranger } = error
  const busy = told && (status === 429 || status === 503)
  return { why: message, told, busy, stranger, error: reason === 'path' ? error : undefined }
}

/** Within how many milliseconds something comes, as an answer announces it; `otherwise` if it does not. */
export function heartbeatOf({ headers }, otherwise) {
  const seconds = Number(headers.get('Stream-Heartbeat'))
  return seconds >= 1 && seconds <= HEARTBEAT_SECONDS_MAX ? seconds * 1_000 : otherwise
}

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
    try {
      // What a URL cannot say, the server cannot refuse.
      if (!/(^|\/)\.{0,2}(\/|$)/.test(channel)) return '/v1/stream/' + channel.split('/').map(encodeURIComponent).join('/')
    } catch {
      // As below.
    }
    throw new SwitchboardError('invalid', `no channel can have the name ${JSON.stringify(channel)}`)
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
        if (!response.ok) await refuse(response, this.#base)
        return { token, response, text: options.stream ? undefined : await response.text() }
      } catch (error) {
        if (error.status === 401 && tries < TRIES_MAX) {
          await this.#tokens.refused(token)
          continue
        }
        throw error instanceof SwitchboardError ? error : unanswered(`the server does not answer${codeOf(error)}`)
      } finally {
        clearTimeout(timer)
        if (!options.stream) signal?.removeEventListener('abort', abort)
        if (response?.ok) this.#tokens.accepted()
      }
    }
  }
}

// Node.js says what happened to the connection; browsers do not.
const codeOf = ({ cause }) => (/^[A-Z_]+$/.test(cause?.code) ? ` (${cause.code})` : '')

async function refuse(response, base) {
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
  if (typeof problem?.code !== 'string') {
    const isStranger = status < 500 && status !== 401 && !PASSING.includes(status)
    throw new SwitchboardError('unavailable', `answered ${status}, and not by a Switchboard server`, { status, told, stranger: isStranger })
  }
  const { code, detail, ...members } = problem
  const isNowhere = code === 'not_found' && members.reason === 'path'
  const message = isNowhere ? `the path of ${base} is wrong: ${detail}` : detail
  throw new SwitchboardError(code, message, { ...members, status, told })
}
