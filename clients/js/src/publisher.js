// What is published on one channel: gives the producer its clock, its timer and a way to the server.
import { now } from './clock.js'
import { contentOf } from './content.js'
import { SwitchboardError } from './errors.js'
import { Producer } from './producer.js'

const SENTENCES = {
  too_many: 'too much waits to be published on this channel, or the server takes no more of it',
  timeout: 'it was not sent in time',
  unknown: 'the outcome is unknown: it may be stored',
}

export class Publisher {
  #append
  #content
  #producer
  #waiting = new Map() // publication: its messages, and the ends of its promise
  #sending // what is under way
  #failure // of the last sending
  #timer
  #id = 0

  /**
   * @param {(content: object, messages: unknown[], producer: object) => Promise<unknown>} append sends them to the channel
   * @param {string} type of the messages' content
   * @param {number} timeout in milliseconds
   */
  constructor(append, type, timeout) {
    this.#append = append
    this.#content = contentOf(type)
    this.#producer = new Producer({ random: Math.random(), now: now(), joins: this.#content.joins, timeout })
  }

  get isIdle() {
    return this.#waiting.size === 0
  }

  /**
   * @param {unknown[]} messages which belong together; one, unless the channel is of JSON, and then as text
   * @param {number} since when they are to be published
   */
  publish(messages, since) {
    return new Promise((resolve, reject) => {
      const parts = messages.map(this.#content.check)
      const bytes = parts.reduce((sum, part) => sum + this.#content.bytes(part), 0)
      const id = ++this.#id
      this.#waiting.set(id, { resolve, reject, parts })
      this.#do(this.#producer.publish(id, parts.length, bytes, since))
    })
  }

  close(code) {
    this.#do(this.#producer.close(code))
  }

  #do(commands, error) {
    for (const [name, what, code] of commands) {
      if (name === 'send') this.#send(what)
      else for (const id of what) this.#finish(id, code, error)
    }
    clearTimeout(this.#timer)
    const { wait } = this.#producer
    if (wait === undefined) return
    this.#timer = setTimeout(() => this.#do(this.#producer.tick(now())), Math.max(0, wait - now()))
  }

  #finish(id, code, error) {
    const { resolve, reject } = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (!code) resolve()
    else reject(error?.code === code ? error : new SwitchboardError(code, this.#sentence(code)))
  }

  #sentence(code) {
    const sentence = SENTENCES[code] ?? 'it was not stored'
    return this.#failure ? `${sentence} (${this.#failure.message})` : sentence
  }

  async #send({ producer, epoch, seq, ids }) {
    // The same append again has the same messages, although nobody may wait for some of them any more.
    const key = ids.join()
    const parts = this.#sending?.key === key ? this.#sending.parts : ids.flatMap((id) => this.#waiting.get(id).parts)
    const sending = (this.#sending = { key, parts })
    let failure
    try {
      await this.#append(this.#content, parts, { id: producer, epoch, seq })
    } catch (error) {
      failure = error
    }
    if (sending !== this.#sending) return
    this.#failure = failure
    let commands
    if (!failure) commands = this.#producer.stored()
    else if (failure.code === 'unanswered') commands = this.#producer.unanswered(Math.random(), now())
    else commands = this.#producer.refused(failure, Math.random(), now(), failure.told)
    this.#do(commands, failure)
  }
}
