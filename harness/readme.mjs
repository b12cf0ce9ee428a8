// Runs the commands of README.md and docs/guide.md against a server started for them, and compares what they print.
//
// ```sh run    is run and has to succeed
// ```sh watch  is run, and ended when the text below has been printed
// ```text      right below one of these: the lines it has to print, in this order; more lines may stand between
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { home, startServer } from './server.mjs'

const BLOCK_MILLIS_MAX = 20_000
const DEFAULT_URL = 'http://127.0.0.1:8080'

const blocks = ['README.md', 'docs/guide.md'].flatMap(commands)

const data = mkdtempSync(path.join(tmpdir(), 'switchboard-readme-'))
const server = await startServer({ data, log: 'readme-server' })
let passed = 0
try {
  for (const block of blocks) {
    const problem = await run(block)
    if (problem === undefined) passed++
    else console.log(`${block.text}${problem}\n`)
  }
} finally {
  await server.stop()
  rmSync(data, { recursive: true, force: true })
}
console.log(`${passed} passed, ${blocks.length - passed} failed, 0 skipped`)
process.exitCode = passed === blocks.length ? 0 : 1

/** The blocks of a page that are to be run, in order. */
function commands(page) {
  const fences = [...readFileSync(path.join(home, page), 'utf8').matchAll(/^```(.*)\n([^]*?)^```$/gm)]
  const found = fences.flatMap(([, kind, text], i) =>
    kind === 'sh run' || kind === 'sh watch'
      ? [{ kind, text, expected: fences[i + 1]?.[1] === 'text' ? fences[i + 1][2].trim().split('\n') : [] }]
      : [],
  )
  assert.ok(found.length > 0, `${page} has no command to run`)
  return found
}

/** What went wrong; undefined if nothing did. */
async function run({ kind, text, expected }) {
  const script = 'set -euo pipefail\n' + text.replaceAll(DEFAULT_URL, server.url)
  const env = { ...process.env, SWITCHBOARD_SERVER: server.url }
  // A process group of its own, so that ending it ends what the script started.
  const shell = spawn('bash', ['-c', script], { cwd: home, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const end = () => process.kill(-shell.pid, 'SIGKILL')
  let printed = ''
  let timedOut = false
  let seen = false
  const timer = setTimeout(() => {
    timedOut = true
    end()
  }, BLOCK_MILLIS_MAX)
  const take = (chunk) => {
    printed += chunk
    if (kind === 'sh watch' && !seen && missing(printed, expected) === undefined) {
      seen = true
      end()
    }
  }
  shell.stdout.on('data', take)
  shell.stderr.on('data', take)
  const [code] = await once(shell, 'close')
  clearTimeout(timer)
  const line = missing(printed, expected)
  if (line !== undefined) return `did not print: ${line}\nbut: ${printed}`
  if (timedOut) return `did not end in ${BLOCK_MILLIS_MAX / 1000} s; printed: ${printed}`
  if (!seen && code !== 0) return `ended with code ${code}; printed: ${printed}`
  return undefined
}

/** The first expected line that is not printed after those before it. */
function missing(printed, expected) {
  const lines = printed.split(/\r?\n/)
  let from = 0
  for (const line of expected) {
    const at = lines.indexOf(line, from)
    if (at < 0) return line
    from = at + 1
  }
  return undefined
}
