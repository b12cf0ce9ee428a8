// Who we are (spec/clients.md, section 5). One refresh at a time: whoever needs a token meanwhile waits for the same one.
import { SwitchboardError, unanswered } from './errors.js'

export class Tokens {
  #token
  #getToken
  #over
  #coming
  #refusals = 0

  /** @param {(error: Error) => void} over told when there is no token that the server takes */
  constructor({ token, getToken }, over) {
    this.#token = token
    this.#getToken = getToken
    this.#over = over
  }

  /** A token; undefined if none is used. Rejects if none is to be had. When the parts are here they say when one is old. */
  async get() {
    return this.#getToken && (!this.#token || this.isOld?.(this.#token)) ? this.refresh() : this.#token
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
    return (this.#token = token)
  }

  accepted() {
    this.#refusals = 0
  }

  /** The server did not take this one. Resolves when there is another. */
  async refused(token) {
    if (token !== this.#token) return
    if (!this.#getToken || this.#refusals++ > 0) this.#end(token ? 'the token is not accepted' : 'the server asks for a token')
    await this.refresh()
  }

  #end(why) {
    const error = new SwitchboardError('unauthorized', why)
    this.#over(error)
    throw error
  }
}
