// Runs the Durable Streams conformance suite against a server started for it, or against the one at CONFORMANCE_URL.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { home, startServer } from '../harness/server.mjs'

// A suite that quietly became smaller, or skips, proves less: then this number fails the run.
const CASES = 332

const reportPath = path.join(home, 'target', 'test', 'conformance.json')
const data = mkdtempSync(path.join(tmpdir(), 'switchboard-conformance-'))
mkdirSync(path.dirname(reportPath), { recursive: true })
rmSync(reportPath, { force: true })

const given = process.env.CONFORMANCE_URL
const server = given
  ? undefined
  : await startServer({ data, flags: ['--live-long-poll-timeout', '2s'], log: 'conformance-server' })
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`]
const vitest = spawn(
  process.execPath,
  [path.join(import.meta.dirname, 'node_modules/vitest/vitest.mjs'), 'run', ...reporters, ...process.argv.slice(2)],
  {
    cwd: import.meta.dirname,
    stdio: 'inherit',
    // Not BASE_URL: Vitest takes that for itself.
    env: { ...process.env, CONFORMANCE_URL: given ?? server.url },
  },
)
let stopped = 0
try {
  await once(vitest, 'exit')
} finally {
  if (server) stopped = await server.stop()
  rmSync(data, { recursive: true, force: true })
}

const cases = JSON.parse(readFileSync(reportPath, 'utf8')).testResults.flatMap((file) => file.assertionResults)
// The subscription APIs are an extension that the suite itself switches off with `subscriptions: false`.
const counted = cases.filter((one) => one.status === 'passed' || !one.fullName.startsWith('Reserved subscription APIs '))
const passed = counted.filter((one) => one.status === 'passed').length
const failed = counted.filter((one) => one.status === 'failed').length
const skipped = counted.length - passed - failed
console.log(`Left out: ${cases.length - counted.length} cases of the reserved subscription APIs, which Switchboard has not.`)
if (counted.length !== CASES) console.log(`The suite has ${counted.length} cases instead of ${CASES}.`)
if (stopped !== 0) console.log(`The server ended with exit code ${stopped} instead of 0.`)
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
process.exitCode = passed === CASES && failed === 0 && skipped === 0 && stopped === 0 ? 0 : 1
