// Prints the tables of docs/reliability.md: node clients/js/test/reliability.mjs [--nodes] [--only KIND/TRANSPORT] [SEED...]
// With `--nodes` of three servers on one Redis, else of one; with `--only chromium/long-poll`, say, only that client on that way.
import { execFileSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { home } from '../../../harness/server.mjs'
import { KINDS, weather } from './scenario.mjs'
import { serve, serveNodes } from './support.mjs'

const { values, positionals } = parseArgs({ options: { only: { type: 'string' }, nodes: { type: 'boolean', default: false } }, allowPositionals: true })
const seeds = positionals.map(Number)
const [kinds, ways] = values.only?.split('/').map((name) => [name]) ?? []
const SECONDS = 30
// Of what is run, not of what is edited meanwhile.
const commit = execFileSync('git', ['describe', '--always', '--dirty'], { cwd: home, encoding: 'utf8' }).trim()
const [start, events, what] = values.nodes
  ? [serveNodes, ['kill', 'redis', 'restart', 'redis', 'kill'], 'three nodes: two kill -9 and a restart of nodes, and Redis killed with -9 twice']
  : [serve, ['kill', 'restart', 'kill'], 'two kill -9 and a restart']

for (const { name, missing } of Object.values(KINDS)) if (missing()) console.error(`SKIPPED ${name}: ${missing()}`)
console.log('| client | transport | seed | messages published | received | connections | unknown outcome | lost | duplicated | reordered | gaps |')
console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |')
const ends = []
const weathers = []
let failed = false
try {
  for (const seed of seeds.length > 0 ? seeds : [1, 2, 3]) {
    const running = await start({ after: (end) => ends.unshift(end) }, ['--live-heartbeat', '1s', '--live-long-poll-timeout', '1s'])
    const { rows, chaos, settledMillis } = await weather(running, { seed, seconds: SECONDS, events, kinds, ways })
    for (const { kind, name, published, received, connections, unknown, verdict } of rows) {
      const { lost, duplicated, reordered, invented, gaps } = verdict
      failed ||= lost + duplicated + reordered + invented + gaps > 0
      const cells = [KINDS[kind].name, name, seed, published, received, connections, unknown, lost, duplicated, reordered + invented, gaps]
      console.log(`| ${cells.join(' | ')} |`)
    }
    weathers.push(`seed ${seed}: ${chaos.connections} connections, ${chaos.cut} cut, ${chaos.half} half-closed, ${chaos.swallow} swallowed, all there ${Math.ceil(settledMillis / 1_000)} s after`)
  }
} finally {
  for (const end of ends) await end()
}
console.log(`\n${new Date().toISOString().slice(0, 10)}, commit ${commit}; ${SECONDS} s each, with ${what}. ${weathers.join('; ')}.`)
process.exitCode = failed ? 1 : 0
