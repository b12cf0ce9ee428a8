// What each way to read cost since the visitor last changed something, and what follows from it.
import * as format from './format.js'

const MESSAGES_MIN = 3
const SECONDS_MIN = 8

/** In both directions, as far as they are known. */
export const bytesOf = (meter) => meter.bytes + (meter.up ?? 0)

/** Counts from a moment on. */
export class Since {
  #meter
  #from

  constructor(meter) {
    this.#meter = meter
    this.restart()
  }

  restart() {
    const { messages, requests } = this.#meter
    const bytes = bytesOf(this.#meter)
    this.#from = { at: performance.now(), epoch: performance.timeOrigin + performance.now(), messages, requests, bytes }
  }

  /** Undefined while there is too little to say. */
  cost() {
    const seconds = (performance.now() - this.#from.at) / 1_000
    const messages = this.#meter.messages - this.#from.messages
    if (messages < MESSAGES_MIN || seconds < SECONDS_MIN) return undefined
    return {
      bytesPerMessage: (bytesOf(this.#meter) - this.#from.bytes) / messages,
      requestsPerMinute: ((this.#meter.requests - this.#from.requests) * 60) / seconds,
      medianMillis: this.#meter.percentile(0.5, this.#from.epoch),
    }
  }
}

/**
 * A sentence on who takes the fewest bytes.
 *
 * @param {{ name: string, cost?: object }[]} ways
 * @param {number} [perSecond] messages, as measured
 */
export function verdict(ways, perSecond) {
  const measured = ways.filter((way) => way.cost !== undefined)
  measured.sort((one, other) => one.cost.bytesPerMessage - other.cost.bytesPerMessage)
  if (measured.length < 2) return { text: 'Measuring: a few more messages are needed.' }
  const [best, next] = measured
  const times = next.cost.bytesPerMessage / best.cost.bytesPerMessage
  const rate = perSecond === undefined ? 'At this rate' : `At ${format.rate(perSecond)} messages a second`
  const fewer = times < 1.05 ? `about as few as ${next.name}` : `${next.name} takes ${times.toFixed(1)} times as many`
  const quickest = measured
    .filter((way) => way.cost.medianMillis !== undefined)
    .sort((one, other) => one.cost.medianMillis - other.cost.medianMillis)[0]
  const late = best.cost.medianMillis - (quickest?.cost.medianMillis ?? best.cost.medianMillis)
  const price = late >= 50 ? ` Its price is time: messages arrive ${format.duration(late)} later than over ${quickest.name}.` : ''
  return {
    best: best.name,
    text: `${rate}, ${best.name} takes the fewest bytes: ${format.bytes(best.cost.bytesPerMessage)} a message; ${fewer}.${price}`,
  }
}
