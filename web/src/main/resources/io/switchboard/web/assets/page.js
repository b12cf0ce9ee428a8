// The lab: one channel, published to by this page and read back over four transports side by side.
import { Backoff, pause } from './backoff.js'
import { Breaks } from './breaks.js'
import { Channel, Refused } from './channel.js'
import { Since, verdict } from './costs.js'
import { Credentials, Unauthorized } from './credentials.js'
import { Desk } from './desk.js'
import * as format from './format.js'
import { Laboratory } from './laboratory.js'
import { Line } from './lines.js'
import { ManyStreams, sharing } from './many.js'
import { Meter, now } from './meter.js'
import { Panel } from './panel.js'
import { Publisher } from './publisher.js'
import { Burden, ServerFigures } from './server.js'
import { slider } from './sliders.js'
import { Timeline } from './timeline.js'
import { eventSource, longPoll, measureAnswers, poll, webSocket } from './transports.js'

const DEFAULT_CHANNEL = 'lab/ticks'
const OWN_CHANNELS = 'lab/'
const RATES = [1 / 60, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200]
const SIZES = [0, 100, 250, 1_000, 4_000, 16_000]
const LEAST_SIZE = 50 // what a message needs to be told from others
const INTERVALS = [0.25, 0.5, 1, 2, 5, 10, 30, 60]
const RENDER_MILLIS = 250
const ANNOUNCE_MILLIS = 1_500
const HIDDEN_MILLIS = 3_000
const MANY_MILLIS = 500
const FIGURES_MILLIS = 1_000
const FIGURES_MILLIS_MAX = 5_000 // for an answer
const FIGURES_REST_MILLIS = 60_000 // where they are not to be had

const find = (selector) => document.querySelector(selector)

const credentials = new Credentials(() => sessionStorage)
const channel = new Channel(new URLSearchParams(location.search).get('channel') || DEFAULT_CHANNEL, credentials)
const own = new Set()
const near = ['127.0.0.1', 'localhost', '[::1]'].includes(location.hostname)
const lab = new Laboratory(credentials, {
  relay: false,
  delayMillis: 0,
  lossPercent: 0,
  stripUpgrade: false,
  plugged: true,
  viewers: 0,
  carrier: 'sse',
  pollMillis: 2_000,
  channel: channel.name,
})
const burden = new Burden()

// ---- The four ways to read

const ways = [
  { id: 'polling', carrier: 'poll', name: 'Polling', transport: poll, interval: () => interval.value * 1_000 },
  { id: 'long-poll', carrier: 'long-poll', name: 'Long-poll', transport: longPoll },
  { id: 'sse', carrier: 'sse', name: 'SSE', transport: eventSource },
  { id: 'websocket', carrier: 'websocket', name: 'WebSocket', transport: webSocket },
].map((way) => {
  const meter = new Meter(own)
  const breaks = new Breaks()
  const made = { through: undefined } // where it finds the server, if not where the page is from
  const options = { name: way.name, channel, meter, origin: () => made.through, interval: way.interval }
  const line = new Line(way.transport, options, (state) => {
    breaks.became(state.kind, now())
    changed(way.name, state)
  })
  const panel = new Panel(document.getElementById(way.id), meter, line, breaks)
  const row = find(`#costs [data-way="${way.id}"]`)
  return Object.assign(made, way, { meter, breaks, line, panel, row, since: new Since(meter) })
})

const publisher = new Publisher(channel, 2, (run) => {
  own.add(run)
  // Nobody has seen a message of this name, so whoever meets number 1 first has missed number 0.
  for (const { meter } of ways) meter.checker.expect(run, 0)
})

/** What was counted under other conditions says nothing about these. */
function restartCosts() {
  for (const way of ways) way.since.restart()
}

function changed(name, state) {
  announce(name, state)
  // This page is one client: its lines need not wait each for itself once one of them was answered.
  if (state.kind === 'live') wakeAll()
}

function wakeAll() {
  for (const { line } of ways) if (line.state.kind === 'waiting') line.wake()
  publisher.wake()
}

// ---- What is said aloud: states that last, not every attempt, and no figures

const announced = new Map()
let announcing

function announce(name, { kind }) {
  const word = { live: 'live', waiting: 'reconnecting', unavailable: 'not available', ended: 'ended' }[kind]
  if (word === undefined) return
  announced.set(name, word)
  announcing ??= setTimeout(sayStates, ANNOUNCE_MILLIS)
}

const said = new Map()

function sayStates() {
  announcing = undefined
  const news = [...announced].filter(([name, word]) => said.get(name) !== word)
  for (const [name, word] of news) said.set(name, word)
  if (news.length > 0) find('#announcements').textContent = news.map(([name, word]) => `${name} is ${word}.`).join(' ')
}

// ---- Controls

const publishButton = find('#publish')
let wanted = true // whether the visitor wants ticks published

const rate = slider('rate', RATES, 2, format.often, (perSecond) => {
  publisher.setRate(perSecond)
  restartFeed()
})

slider('size', SIZES, 0, (size) => format.bytes(Math.max(size, LEAST_SIZE)).replace(/^50 B$/, 'small'), (size) => {
  publisher.size = size
  restartFeed()
})

const interval = slider('interval', INTERVALS, 2, (seconds) => (seconds < 1 ? `${seconds * 1_000} ms` : `${seconds} s`), (seconds) => {
  ways[0].line.wake()
  desk.interval(seconds)
  restartFeed()
})

// Whoever waits for a server that did not answer tries again, as when a computer is online again.
const desk = new Desk(lab, near, () => {
  restartCosts()
  wakeAll()
})

/** What the server had to do for another feed says nothing about this one, either. */
function restartFeed() {
  restartCosts()
  burden.restart()
}

function showPublishing() {
  const running = publisher.running
  publishButton.querySelector('span').textContent = running ? 'Pause' : 'Publish'
  publishButton.dataset.running = String(running)
}

publishButton.addEventListener('click', () => {
  if (!begun) return
  wanted = !publisher.running
  if (wanted) publisher.start()
  else publisher.stop()
  restartCosts()
  showPublishing()
})

// ---- The relay: lines go through it once it is there, and past it when it is not

let offered = false

lab.addEventListener('changed', () => {
  // Bytes are counted where they are, so that is how the page begins; but preflights, which a token asks for, are not
  // what anybody wants to compare.
  if (!offered && desk.readable && begun) {
    offered = true
    if (!credentials.known && !lab.wish.relay) lab.change({ relay: true })
  }
  for (const way of ways) {
    const through = lab.origin(way.carrier)
    if (lab.state === undefined) continue // while the server says nothing, the relay may be there all the same
    way.meter.relayed(lab.door(way.carrier))
    if (through === way.through) continue
    way.through = through
    if (way.line.state.kind === 'live') way.breaks.became('paused', now()) // as wished: nobody is cut off
    way.line.restart()
    restartCosts()
  }
})

// ---- The line of time

const timeline = new Timeline(
  find('#timeline'),
  () => publisher.sent,
  ways.map(({ id, name, meter, breaks }) => ({
    name,
    hue: id,
    arrivals: () => meter.delays,
    waiting: () => waitingFor(meter),
    breaks: () => breaks.all,
    asked: () => (id === 'polling' || id === 'long-poll' ? meter.asked : []),
  })),
  now,
)

// What was published and has not arrived this way: behind the newest that has.
function waitingFor(meter) {
  const { sent } = publisher
  let from = sent.length
  while (from > 0 && sent[from - 1].page === sent.at(-1).page && !(sent[from - 1].page === meter.newest?.page && sent[from - 1].n <= meter.newest.n)) from--
  return sent.slice(from)
}

timeline.onThinned = (every) => text(find('#timeline-note'), every === 1 ? '' : ` Of so many, one in ${every} is drawn.`)

for (const choice of document.querySelectorAll('input[name="window"]')) {
  choice.addEventListener('change', () => (timeline.seconds = Number(choice.value)))
}

// ---- The server's own figures

const server = new ServerFigures()
let figuresMillis = FIGURES_MILLIS

async function lookAtServer() {
  if (!document.hidden && begun && gate.hidden) {
    try {
      const answer = await credentials.fetch('/metrics', { cache: 'no-store', signal: AbortSignal.timeout(FIGURES_MILLIS_MAX) })
      if (answer.ok) {
        server.take(await answer.text(), performance.now())
        if (lab.state?.figures !== undefined && lab.state.figures !== null) burden.take(server.coresNow, lab.state.figures.viewers)
        else if (lab.available) burden.take(server.coresNow, { carrier: '', wished: 0, ready: 0, open: 0 })
        figuresMillis = FIGURES_MILLIS
        showServer('')
      } else {
        server.forget()
        figuresMillis = FIGURES_REST_MILLIS
        showServer(answer.status === 403 ? 'The server shows its figures to admins.' : 'The server shows its figures elsewhere, at its admin port.')
      }
    } catch {
      server.forget()
      showServer('')
    }
  }
  setTimeout(lookAtServer, figuresMillis)
}

const LIMITS = { files: 'files it may open', memory: 'memory', configured: 'limits.connections' }

function showServer(word) {
  const { connections, limits, cores, deliveries, memory } = server
  const [limit] = limits
  text(find('#connections'), connections === undefined ? '–' : format.count(connections))
  text(find('#capacity'), limit === undefined ? '' : `of ${format.count(Math.round(limit.at))}, by ${LIMITS[limit.limit] ?? limit.limit}`)
  find('#capacity').title = limits.map(({ limit: name, at }) => `${LIMITS[name] ?? name}: ${format.count(Math.round(at))}`).join('\n')
  const share = limit === undefined || connections === undefined ? 0 : Math.min(1, connections / limit.at)
  find('#capacity-bar').style.setProperty('--share', String(share))
  find('#capacity-bar').dataset.full = String(share >= 0.8)
  text(find('#cores'), cores === undefined ? '–' : format.percent(cores))
  const [each, unit] = cores === undefined || !connections ? ['–', ''] : format.processor(cores / connections).split('  ')
  text(find('#core-each'), each)
  text(find('#core-each-unit'), unit ?? '')
  text(find('#deliveries'), deliveries === undefined ? '–' : format.rate(deliveries))
  text(find('#memory'), memory === undefined ? '–' : format.bytes(memory))
  text(find('#server-word'), word !== '' ? word : lab.available ? burden.hint(lab.state.figures?.viewers ?? lab.wish) : '')
}

// ---- A hundred event streams, where they share a connection

const many = new ManyStreams(channel, credentials)
const manyButton = find('#many')
manyButton.disabled = sharing() === undefined

manyButton.addEventListener('click', () => {
  if (many.running) many.stop()
  else many.start()
  showMany()
})

function showMany() {
  text(manyButton, many.running ? 'Close them' : 'Open 100 event streams')
  text(find('#many-word'), many.word)
}

showMany()
setInterval(() => many.running && showMany(), MANY_MILLIS)

// ---- Who the visitor is, where the server asks

const gate = find('#gate')
const token = find('#token')
const forget = find('#forget')

function ask(complaint) {
  stop()
  credentials.forget()
  text(find('#gate-problem'), complaint)
  gate.hidden = false
  document.body.dataset.locked = String(!begun)
  showWhoAsks()
  token.focus()
}

function showWhoAsks() {
  forget.hidden = !credentials.known
  showCommands()
}

credentials.addEventListener('wanted', ({ detail }) =>
  ask(detail.refused ? 'The server does not accept this token, or not any more.' : ''),
)

find('#gate form').addEventListener('submit', (event) => {
  event.preventDefault()
  if (!credentials.use(token.value)) {
    text(find('#gate-problem'), 'This is no token: it has letters, digits and a few signs, and no blanks.')
    return
  }
  token.value = ''
  gate.hidden = true
  delete document.body.dataset.locked
  showWhoAsks()
  if (begun) start()
  else begin()
})

forget.addEventListener('click', () => ask(''))

// ---- Commands for a shell

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`

// The token itself stands in none of them: it would end up on screens and in the history of shells.
const commands = () => {
  const who = credentials.known ? ' -H "Authorization: Bearer $SWITCHBOARD_TOKEN"' : ''
  return {
    publish: `curl${who} -H 'Content-Type: application/json' -d '{"hello":"world"}' ${quoted(channel.url)}`,
    poll: `curl${who} ${quoted(`${channel.url}?last=3`)}`,
    listen: `curl -N${who} -H 'Accept: text/event-stream' ${quoted(channel.url)}`,
  }
}

function showCommands() {
  const name = quoted(channel.name)
  text(find('#mint'), `./switchboard token --sub me --read ${name} --write ${name} --manage ${name}`)
  for (const [name, command] of Object.entries(commands())) text(find(`[data-command="${name}"] code`), command)
}

for (const place of document.querySelectorAll('[data-command]')) {
  const button = place.querySelector('button')
  // Only pages of https and of this machine may write to the clipboard.
  if (navigator.clipboard === undefined) {
    button.remove()
    continue
  }
  button.addEventListener('click', async () => {
    const copied = await navigator.clipboard.writeText(place.querySelector('code').textContent).then(
      () => true,
      () => false,
    )
    button.textContent = copied ? 'Copied' : 'Not copied'
    find('#announcements').textContent = button.textContent // the button's own name hides its text from screen readers
    setTimeout(() => (button.textContent = 'Copy'), 1_500)
  })
}

// ---- Showing

function text(element, value) {
  if (element.textContent !== value) element.textContent = value
}

function render() {
  for (const { panel } of ways) panel.render()
  text(find('#published'), format.count(publisher.published))
  const measured = publisher.measuredRate()
  text(find('#measured'), measured === undefined ? '–' : `${format.rate(measured)} / s`)
  const trouble = startTrouble ?? publisher.trouble
  const place = find('#problem')
  if (trouble === undefined && !place.hidden) restartCosts() // a time without service costs nothing, and misleads
  place.hidden = trouble === undefined
  text(place, trouble === undefined ? '' : `Nothing is published now. ${trouble}`)
  showPublishing()
}

function renderCosts() {
  const costs = ways.map(({ name, carrier, since, row }) => ({ name, carrier, row, cost: since.cost() }))
  const most = Math.max(1, ...costs.map(({ cost }) => cost?.bytesPerMessage ?? 0))
  const found = verdict(costs, publisher.running ? publisher.measuredRate() : undefined)
  text(find('#verdict'), found.text)
  for (const { name, carrier, row, cost } of costs) {
    row.classList.toggle('best', name === found.best)
    row.querySelector('.bar').style.setProperty('--share', String((cost?.bytesPerMessage ?? 0) / most))
    text(row.querySelector('.figure'), format.bytes(cost?.bytesPerMessage))
    text(row.querySelector('.requests'), cost === undefined ? '–' : format.rate(cost.requestsPerMinute))
    text(row.querySelector('.median'), format.duration(cost?.medianMillis))
    const each = burden.each.get(carrier)
    text(row.querySelector('.burden'), each === undefined ? '–' : format.processor(each).replace('  ', ' '))
  }
}

// ---- Begin, and leave the connections to others while nobody looks

let begun = false
let startTrouble

function start() {
  if (!begun || !gate.hidden) return
  for (const { line } of ways) line.start()
  if (wanted) publisher.start()
  lab.start()
  restartCosts()
}

function stop() {
  publisher.stop()
  lab.stop()
  many.stop()
  showMany()
  for (const { line } of ways) line.stop()
  render()
}

async function begin() {
  const backoff = new Backoff()
  for (;;) {
    try {
      const offset = await channel.create()
      begun = true
      startTrouble = undefined
      for (const { line } of ways) line.start(offset)
      // A link must not make its visitors write into a channel that somebody works with.
      wanted = channel.name.startsWith(OWN_CHANNELS)
      if (wanted) publisher.start()
      lab.start()
      restartCosts()
      return
    } catch (problem) {
      if (problem instanceof Unauthorized) return // it begins when the visitor has given a token
      startTrouble = problem.message
      if (problem instanceof Refused) {
        for (const { line } of ways) line.end('There is nothing to read here')
        return
      }
      await pause(backoff.next(), new AbortController().signal)
    }
  }
}

// A browser opens six connections to a server, from all tabs together, and slows the clocks of tabs that are hidden.
let hiding
document.addEventListener('visibilitychange', () => {
  clearTimeout(hiding)
  if (document.hidden) hiding = setTimeout(stop, HIDDEN_MILLIS)
  else start()
})
addEventListener('pagehide', () => {
  stop()
  lab.leave()
})
addEventListener('pageshow', (event) => event.persisted && start())
addEventListener('online', wakeAll)

for (const place of document.querySelectorAll('[data-origin]')) place.textContent = location.host
for (const place of document.querySelectorAll('[data-channel]')) place.textContent = channel.name
publisher.rate = rate.value
measureAnswers()
setInterval(() => document.hidden || render(), RENDER_MILLIS)
setInterval(() => document.hidden || renderCosts(), 1_000)
showWhoAsks()
lookAtServer()
render()
renderCosts()
begin()
