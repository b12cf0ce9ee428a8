// The first page: one channel, published to by this page and read back over four transports side by side.
import { Backoff, pause } from './backoff.js'
import { Channel, Refused } from './channel.js'
import { Since, verdict } from './costs.js'
import { Credentials, Unauthorized } from './credentials.js'
import * as format from './format.js'
import { Line } from './lines.js'
import { Meter } from './meter.js'
import { Panel } from './panel.js'
import { Publisher } from './publisher.js'
import { eventSource, longPoll, measureBodies, poll, webSocket } from './transports.js'

const DEFAULT_CHANNEL = 'lab/ticks'
const OWN_CHANNELS = 'lab/'
const RATES = [0.2, 0.5, 1, 2, 5, 10, 20]
const RENDER_MILLIS = 250
const ANNOUNCE_MILLIS = 1_500
const HIDDEN_MILLIS = 3_000

const find = (selector) => document.querySelector(selector)

const credentials = new Credentials(() => sessionStorage)
const channel = new Channel(new URLSearchParams(location.search).get('channel') || DEFAULT_CHANNEL, credentials)
const own = new Set()
const chosen = { seconds: 2 }

// ---- The four ways to read

const ways = [
  { id: 'polling', name: 'Polling', transport: poll, interval: () => chosen.seconds * 1_000 },
  { id: 'long-poll', name: 'Long-poll', transport: longPoll },
  { id: 'sse', name: 'SSE', transport: eventSource },
  { id: 'websocket', name: 'WebSocket', transport: webSocket },
].map((way) => {
  const meter = new Meter(own)
  const options = { name: way.name, channel, meter, interval: way.interval }
  const line = new Line(way.transport, options, (state) => changed(way.name, state))
  const panel = new Panel(document.getElementById(way.id), meter, line)
  const row = find(`#costs [data-way="${way.id}"]`)
  return { ...way, meter, line, panel, row, since: new Since(meter) }
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

const rateSlider = find('#rate')
const publishButton = find('#publish')
let wanted = true // whether the visitor wants ticks published

function showRate() {
  const rate = RATES[rateSlider.valueAsNumber]
  const text = rate < 1 ? `1 every ${1 / rate} s` : `${rate} / s`
  find('#rate-shown').textContent = text
  rateSlider.setAttribute('aria-valuetext', rate < 1 ? `one message every ${1 / rate} seconds` : `${rate} messages a second`)
  return rate
}

rateSlider.addEventListener('input', () => {
  publisher.setRate(showRate())
  restartCosts()
})

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

for (const choice of document.querySelectorAll('input[name="interval"]')) {
  choice.addEventListener('change', () => {
    chosen.seconds = Number(choice.value)
    const polling = ways[0]
    polling.line.wake()
    restartCosts()
  })
}

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
  const costs = ways.map(({ name, since, row }) => ({ name, row, cost: since.cost() }))
  const most = Math.max(1, ...costs.map(({ cost }) => cost?.bytesPerMessage ?? 0))
  const found = verdict(costs, publisher.running ? publisher.measuredRate() : undefined)
  text(find('#verdict'), found.text)
  for (const { name, row, cost } of costs) {
    row.classList.toggle('best', name === found.best)
    row.querySelector('.bar').style.setProperty('--share', String((cost?.bytesPerMessage ?? 0) / most))
    text(row.querySelector('.figure'), format.bytes(cost?.bytesPerMessage))
    text(row.querySelector('.requests'), cost === undefined ? '–' : format.rate(cost.requestsPerMinute))
    text(row.querySelector('.median'), format.duration(cost?.medianMillis))
  }
}

// ---- Begin, and leave the connections to others while nobody looks

let begun = false
let startTrouble

function start() {
  if (!begun || !gate.hidden) return
  for (const { line } of ways) line.start()
  if (wanted) publisher.start()
  restartCosts()
}

function stop() {
  publisher.stop()
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
addEventListener('pagehide', stop)
addEventListener('pageshow', (event) => event.persisted && start())
addEventListener('online', wakeAll)

for (const place of document.querySelectorAll('[data-origin]')) place.textContent = location.host
for (const place of document.querySelectorAll('[data-channel]')) place.textContent = channel.name
publisher.rate = showRate()
measureBodies()
setInterval(() => document.hidden || render(), RENDER_MILLIS)
setInterval(() => document.hidden || renderCosts(), 1_000)
showWhoAsks()
render()
renderCosts()
begin()
