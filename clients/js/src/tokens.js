// Who we are (spec/clients.md, section 5). One refresh at a time: whoever needs a token meanwhile waits for the same one.
import { SwitchboardError, unanswered } from './errors.js'

const EARLY_MILLIS = 30_000

export class Tokens {
  #token
  #renewAt
  #getToken
  #over
  #coming
  #refusals = 0

  /** @param {(error: Error) => void} over told when there is no token that the server takes */
  constructor({ token, getToken }, over) {
    this.#use(token)
    this.#getToken = getToken
    this.#over = over
  }

  /** Whether there is anything to say. */
  get used() {
    return Boolean(this.#token || this.#getToken)
  }

  /** A token that counts a little longer; undefined if none is used. Rejects if none is to be had. */
  async get() {
    if (!this.#getToken || (this.#token && Date.now() < this.#renewAt)) return this.#token
    return this.refresh()
  }

  /** In how many milliseconds another is due. */
  get dueIn() {
    return Math.max(0, this.#renewAt - Date.now())
  }

  refresh() {
    this.#coming ??= this.#ask().finally(() => (this.#coming = undefined))
    return this.#coming
  }

  async #ask() {
    let token
    try {
      token = await this.#getToken()
    } catch {
      throw unanswered('no token could be fetched')
    }
    if (!token) this.#end('there is no token any more')
    return this.#use(token)
  }

  #use(token) {
    const now = Date.now()
    const left = token ? ends(token) - now : 0
    this.#renewAt = now + left - Math.min(EARLY_MILLIS, left / 2)
    return (this.#token = token)
  }

  accepted() {
    this.#refusals = 0
  }

  /** The server did not take this one. Resolves when there is another. */
  async refused(token) {
    if (token !== this.#token) return
    if (!this.#getToken || this.#refusals++ > 0) this.#end('the server does not accept the token')
    await this.refresh()
  }

  #end(why) {
    const error = new SwitchboardError('unauthorized', why)
    this.#over(error)
    throw error
  }
}

// A token that is no JWT, or says no end, has none that is known.
function ends(token) {
  try {
    return JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/'))).exp * 1_000 || Infinity
  } catch {
    return Infinity
  }
}
