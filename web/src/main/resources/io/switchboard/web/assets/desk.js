// The controls of viewers and network, and what is told beside them.
import * as format from './format.js'
import { slider } from './sliders.js'

const VIEWERS = [0, 1, 10, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000]
const DELAYS = [0, 10, 25, 50, 100, 200, 300, 500, 1_000, 2_000]
const LOSSES = [0, 0.5, 1, 2, 5, 10, 20]
const SETTLE_MILLIS = 250

const find = (selector) => document.querySelector(selector)
const text = (element, value) => {
  if (element.textContent !== value) element.textContent = value
}

export class Desk {
  #lab
  #near
  #onNetwork
  #timer
  #pending = {}
  #last

  /**
   * @param {object} lab
   * @param {boolean} near whether the page is shown on the server's machine, where the relay is
   * @param {() => void} onNetwork told when something has become another one
   */
  constructor(lab, near, onNetwork) {
    this.#lab = lab
    this.#near = near
    this.#onNetwork = onNetwork
    const wish = lab.wish
    const chosen = (name) => (value) => this.#later({ [name]: value })
    this.viewers = slider('viewers', VIEWERS, wish.viewers, (n) => (n === 0 ? 'none' : format.count(n)), chosen('viewers'))
    const delay = (millis) => (millis === 0 ? 'none' : format.duration(millis))
    this.delay = slider('delay', DELAYS, wish.delayMillis, delay, chosen('delayMillis'))
    this.loss = slider('loss', LOSSES, wish.lossPercent, (n) => (n === 0 ? 'none' : `${n} %`), chosen('lossPercent'))
    for (const choice of document.querySelectorAll('input[name="carrier"]')) {
      choice.addEventListener('change', () => this.#later({ carrier: choice.value }))
    }
    find('#relay').addEventListener('change', ({ target }) => this.#later({ relay: target.checked, ...(target.checked ? {} : { delayMillis: 0, lossPercent: 0, stripUpgrade: false, plugged: true }) }))
    find('#plug').addEventListener('click', () => this.#now({ plugged: !lab.wish.plugged }))
    find('#strip').addEventListener('click', () => this.#now({ stripUpgrade: !lab.wish.stripUpgrade }))
    lab.addEventListener('changed', () => this.show())
    lab.addEventListener('adopted', () => this.#follow())
    this.#follow()
  }

  /** How often polling viewers ask is how often the panel does. */
  interval(seconds) {
    this.#later({ pollMillis: seconds * 1_000 })
  }

  get readable() {
    return this.#near && this.#lab.state?.readable === true
  }

  // A slider passes over values on its way.
  #later(change) {
    this.#pending = { ...this.#pending, ...change }
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#now({}), SETTLE_MILLIS)
  }

  #now(change) {
    clearTimeout(this.#timer)
    const wish = { ...this.#pending, ...change }
    this.#pending = {}
    this.#lab.change(wish).then(this.#onNetwork)
    this.#follow()
  }

  #follow() {
    const { wish } = this.#lab
    this.viewers.value = wish.viewers
    this.delay.value = wish.delayMillis
    this.loss.value = wish.lossPercent
    find(`input[name="carrier"][value="${wish.carrier}"]`).checked = true
    this.show()
  }

  /** Shows how things stand. */
  show() {
    const { wish, state, trouble, available } = this.#lab
    const relay = this.#pending.relay ?? wish.relay
    find('#viewers-group').disabled = !available
    find('#network-group').disabled = !available || !this.readable
    find('#relay').checked = relay
    for (const id of ['delay', 'loss', 'plug', 'strip']) document.getElementById(id).disabled = !relay
    find('#plug').setAttribute('aria-pressed', String(!wish.plugged))
    text(find('#plug'), wish.plugged ? 'Pull the plug' : 'Plug it in')
    find('#strip').setAttribute('aria-pressed', String(wish.stripUpgrade))
    const problem = find('#lab-problem')
    const why = trouble ?? ''
    problem.hidden = why === ''
    text(problem, why === '' ? '' : `No viewers and no network here: ${why}`)
    text(find('#network-word'), this.#networkWord(state, wish))
    this.#showViewers(state?.figures?.viewers, wish)
  }

  #networkWord(state, wish) {
    if (!this.#lab.available) return ''
    if (!this.#near) return 'The relay listens on the server’s machine alone: open this page there, by 127.0.0.1 or localhost.'
    if (!state.readable) return 'cors.origins keeps pages of this server from reading through the relay.'
    if (!wish.relay) return 'Bytes are what the page sees of them; through the relay they are counted on the wire.'
    if (state.figures?.relay === undefined) return 'The relay is being started.'
    if (!wish.plugged) return 'Nothing gets through. Published messages wait in the channel.'
    if (wish.stripUpgrade) return 'A WebSocket cannot be opened through this proxy; the other three do not ask for an upgrade.'
    return ''
  }

  #showViewers(viewers, wish) {
    const there = viewers !== undefined && (viewers.wished > 0 || viewers.open > 0)
    text(find('#viewers-open'), there ? `${format.count(viewers.ready)} of ${format.count(viewers.wished)}` : '–')
    text(find('#viewers-lost'), there ? `${format.count(viewers.lost)}, ${format.count(viewers.failed)}` : '–')
    const before = this.#last
    const at = performance.now()
    if (there && before?.viewers.carrier === viewers.carrier && viewers.ready > 0 && at - before.at < 5_000) {
      const seconds = (at - before.at) / 1_000
      if (seconds < 0.9) return
      const down = (viewers.bytesDown - before.viewers.bytesDown) / seconds / viewers.ready
      text(find('#viewers-down'), `${format.bytes(Math.max(0, down))} / s`)
    } else if (!there) {
      text(find('#viewers-down'), '–')
    }
    this.#last = there ? { viewers, at } : undefined
    text(find('#viewers-word'), there && viewers.why !== '' && viewers.ready < viewers.wished ? `Last trouble: ${viewers.why}.` : there || wish.viewers === 0 ? '' : 'The load tool is being started.')
  }
}
