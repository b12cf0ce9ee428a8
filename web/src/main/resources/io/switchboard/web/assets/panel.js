// What one panel shows. Looks at its meter and its line; touches the document only where something changed.
import { bytesOf } from './costs.js'
import * as format from './format.js'
import { now } from './meter.js'
import { grid, paths } from './sparkline.js'

const LAST_LENGTH_MAX = 300

export class Panel {
  #root
  #fields = {}
  #meter
  #line
  #breaks
  #shown = new Map()

  /**
   * @param {HTMLElement} root the panel's element
   * @param {object} meter
   * @param {object} line
   * @param {object} breaks
   */
  constructor(root, meter, line, breaks) {
    this.#root = root
    this.#meter = meter
    this.#line = line
    this.#breaks = breaks
    for (const field of root.querySelectorAll('[data-field]')) this.#fields[field.dataset.field] = field
    grid(root.querySelector('.sparkline svg'))
  }

  render() {
    const meter = this.#meter
    meter.trim()
    this.#set(this.#root, 'data-state', this.#line.state.kind)
    this.#text('state', describe(this.#line.state))
    this.#text('reason', explain(this.#line.state))
    const delay = meter.delays.at(-1)?.millis
    const [figure, unit] = format.duration(delay).split(' ')
    this.#text('delay', figure)
    this.#text('unit', unit ?? '')
    this.#text('median', format.duration(meter.percentile(0.5)))
    this.#text('p95', format.duration(meter.percentile(0.95)))
    const { line, area } = paths(meter.delays, now())
    this.#set(this.#fields.line, 'd', line)
    this.#set(this.#fields.area, 'd', area)
    this.#text('messages', format.count(meter.messages))
    this.#text('requests', format.count(meter.requests))
    this.#text('bytes', format.bytes(meter.bytes))
    this.#set(this.#fields.bytes, 'title', `${format.count(meter.bytes)} bytes`)
    this.#text('up', format.bytes(meter.up))
    this.#text('connections', meter.connections === undefined ? '–' : format.count(meter.connections))
    this.#text('each', meter.messages === 0 ? '–' : format.bytes(bytesOf(meter) / meter.messages))
    this.#text('break', format.duration(this.#breaks.lastMillis(now())))
    this.#text('missed', format.count(meter.checker.missed))
    this.#text('duplicates', format.count(meter.checker.duplicates))
    this.#set(this.#fields.missed, 'data-bad', String(meter.checker.missed > 0))
    this.#set(this.#fields.duplicates, 'data-bad', String(meter.checker.duplicates > 0))
    this.#text('gaps', meter.gaps === 0 ? '' : meter.gaps === 1 ? 'after a gap' : `after ${meter.gaps} gaps`)
    this.#text('last', meter.last === '' ? 'nothing yet' : meter.last.slice(0, LAST_LENGTH_MAX))
  }

  #text(name, value) {
    const field = this.#fields[name]
    if (this.#shown.get(field) === value) return
    this.#shown.set(field, value)
    field.textContent = value
  }

  #set(element, attribute, value) {
    if (element.getAttribute(attribute) !== value) element.setAttribute(attribute, value)
  }
}

const secondsUntil = (moment) => Math.max(0, Math.ceil((moment - performance.now()) / 1_000))

// A line's state in a few words, and what more there is to say about it.
function describe({ kind, until }) {
  switch (kind) {
    case 'live':
      return 'Live'
    case 'connecting':
      return 'Connecting'
    case 'waiting':
      return `Retry in ${secondsUntil(until)} s`
    case 'unavailable':
      return 'Not available'
    case 'paused':
      return 'Paused'
    default:
      return 'Ended'
  }
}

function explain({ kind, until, reason }) {
  if (reason === undefined) return ''
  const sentence = `${reason.charAt(0).toUpperCase()}${reason.slice(1)}${reason.endsWith('.') ? '' : '.'}`
  return kind === 'unavailable' ? `${sentence} Next try in ${secondsUntil(until)} s.` : sentence
}
