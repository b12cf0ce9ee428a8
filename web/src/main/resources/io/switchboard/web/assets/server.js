// What the server says of itself at /metrics, in the text that Prometheus reads, and what follows from it.
const SAMPLE = /^([a-z_]+)(?:\{([^}]*)\})? (\S+)$/
const LABEL = /([a-z_]+)="([^"]*)"/g
const READINGS_MAX = 6

/** @returns {{ name: string, labels: Record<string, string>, value: number }[]} */
export function samples(text) {
  const found = []
  for (const line of text.split('\n')) {
    const [, name, labels, value] = SAMPLE.exec(line) ?? []
    if (name === undefined || !Number.isFinite(Number(value))) continue
    found.push({ name, labels: Object.fromEntries([...(labels ?? '').matchAll(LABEL)].map(([, k, v]) => [k, v])), value: Number(value) })
  }
  return found
}

/** Readings over the last seconds. */
export class ServerFigures {
  connections = undefined
  memory = undefined
  /** What ends the number of connections, and at which; the nearest first. @type {{ limit: string, at: number }[]} */
  limits = []
  #readings = []

  /** @param {string} text of /metrics  @param {number} at milliseconds of one clock */
  take(text, at) {
    const all = samples(text)
    const one = (name) => all.find((sample) => sample.name === name)?.value
    this.connections = all
      .filter(({ name }) => name === 'switchboard_connections')
      .reduce((sum, { value }) => sum + value, 0)
    this.memory = one('process_resident_memory_bytes')
    this.limits = all
      .filter(({ name }) => name === 'switchboard_capacity_connections')
      .map(({ labels, value }) => ({ limit: labels.limit, at: value }))
    const files = one('process_max_fds')
    if (this.limits.length === 0 && files !== undefined) this.limits = [{ limit: 'files', at: files }]
    this.limits.sort((a, b) => a.at - b.at)
    const reading = { at, cpu: one('process_cpu_seconds_total'), given: one('switchboard_messages_out_total') }
    // A counter that fell is that of another process.
    if (this.#readings.length > 0 && reading.cpu < this.#readings.at(-1).cpu) this.#readings = []
    this.#readings.push(reading)
    if (this.#readings.length > READINGS_MAX) this.#readings.shift()
  }

  /** Nothing is known any more. */
  forget() {
    this.connections = this.memory = undefined
    this.limits = []
    this.#readings = []
  }

  /** Processors in use, 1 for one whole; undefined until there were two readings. */
  get cores() {
    return this.#perSecond('cpu')
  }

  /** Messages given to readers in a second, each reader counted. */
  get deliveries() {
    return this.#perSecond('given')
  }

  #perSecond(name) {
    const [first, last] = [this.#readings[0], this.#readings.at(-1)]
    if (first === last || first[name] === undefined || last[name] === undefined) return undefined
    return (last[name] - first[name]) / ((last.at - first.at) / 1_000)
  }

  /** Processors used between the last two readings. */
  get coresNow() {
    const [before, last] = this.#readings.slice(-2)
    return last?.cpu === undefined || before.cpu === undefined
      ? undefined
      : (last.cpu - before.cpu) / ((last.at - before.at) / 1_000)
  }
}

const VIEWERS_MIN = 50
const SETTLED_READINGS = 3
const KEPT_READINGS = 10

/** What a viewer costs the server, by the way it reads: with viewers less without, under one feed. */
export class Burden {
  /** Processors a viewer, by carrier. @type {Map<string, number>} */
  each = new Map()
  #idle = []
  #busy = []
  #of = ''
  #skip = SETTLED_READINGS

  /** The feed is another one. */
  restart() {
    this.each.clear()
    this.#idle = []
    this.#begin('')
  }

  #begin(of) {
    this.#of = of
    this.#busy = []
    this.#skip = SETTLED_READINGS // connections being opened cost more than those that are
  }

  /** @param {number} [cores] in the last second  @param {{ carrier: string, wished: number, ready: number, open: number }} viewers */
  take(cores, { carrier, wished, ready, open }) {
    const of = open === 0 && wished === 0 ? 'nobody' : ready === wished && ready >= VIEWERS_MIN ? `${carrier} ${wished}` : ''
    if (of !== this.#of) this.#begin(of)
    if (of === '' || cores === undefined) return
    if (this.#skip > 0) {
      this.#skip--
      return
    }
    const kept = of === 'nobody' ? this.#idle : this.#busy
    kept.push(cores)
    if (kept.length > KEPT_READINGS) kept.shift()
    if (of === 'nobody' || this.#idle.length === 0) return
    this.each.set(carrier, Math.max(0, (median(this.#busy) - median(this.#idle)) / ready))
  }

  /** What it takes to know more, for a person; empty if nothing. */
  hint(viewers) {
    if (this.#idle.length === 0) return viewers.wished === 0 ? 'Measuring the server without viewers.' : 'To see what a viewer costs, set them to none for some seconds first.'
    return viewers.wished < VIEWERS_MIN ? `With ${VIEWERS_MIN} viewers or more it shows what one costs.` : ''
  }
}

function median(figures) {
  const sorted = [...figures].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}
