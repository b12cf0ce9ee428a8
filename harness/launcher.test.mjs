// That ./switchboard leaves nothing behind that it started, and when it prepares fast starts: in a folder of its own, with
// a JDK and a Maven that are scripts.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { home } from './server.mjs'

const WAIT_MILLIS_MAX = 20_000
const STAYS = 'sleep 1000 & echo $$ $! >"$RUNS.new"; mv "$RUNS.new" "$RUNS"; wait'

let folder

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'switchboard-launcher-'))
  for (const each of ['harness', 'cli/src/main', 'cli/target', 'jdk/bin', 'bin']) {
    mkdirSync(path.join(folder, each), { recursive: true })
  }
  for (const each of ['switchboard', 'harness/jdk.sh']) copyFileSync(path.join(home, each), path.join(folder, each))
  for (const each of ['pom.xml', 'cli/pom.xml', 'cli/target/switchboard-cli.jar', 'cli/target/switchboard.built']) write(each, '')
  write('jdk/release', 'JAVA_VERSION="25"\n')
  program('jdk/bin/javac', 'true')
  java({ serve: 'true' })
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(name, text, mode = 0o644) {
  writeFileSync(path.join(folder, name), text, { mode })
}

function program(name, script) {
  write(name, `#!/usr/bin/env bash\n${script}\n`, 0o755)
}

/** A JVM: what it does to serve, to tail, and that it says so when it is the program itself. */
function java({ serve, tail = 'true' }) {
  program(
    'jdk/bin/java',
    `env >>"$RUNS.env"
cache="$(printf '%s\\n' "$@" | sed -n 's/^-XX:AOTCacheOutput=//p')"
case " $* " in *" serve "*) ${serve} ;; *" tail "*) ${tail} ;; *) echo the program ;; esac`,
  )
}

/** Starts the launcher; resolves with its exit code and what it said. */
function launch(environment = {}) {
  const env = {
    ...process.env,
    PATH: `${path.join(folder, 'bin')}:${process.env.PATH}`,
    SWITCHBOARD_JAVA_HOME: path.join(folder, 'jdk'),
    RUNS: path.join(folder, 'runs'),
    ...environment,
  }
  const child = spawn('bash', [path.join(folder, 'switchboard'), 'version'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (said += bytes))
  return { child, ended: once(child, 'close', { signal: AbortSignal.timeout(3 * WAIT_MILLIS_MAX) }).then(([code]) => ({ code, said })) }
}

async function until(what) {
  for (const end = Date.now() + WAIT_MILLIS_MAX; !what(); await pause(20)) assert.ok(Date.now() < end, `${what}`)
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    // One that nobody has taken note of is dead all the same.
    return !existsSync('/proc/self/stat') || !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}

async function endsWithAllItStarted(signal) {
  const { child, ended } = launch()
  const runs = path.join(folder, 'runs')
  await until(() => existsSync(runs))
  const pids = readFileSync(runs, 'utf8').trim().split(' ').map(Number)
  assert.equal(pids.filter(isAlive).length, 2)
  child.kill(signal)
  const { code, said } = await ended
  assert.equal(code, 130)
  assert.doesNotMatch(said, /Killed/)
  await until(() => !pids.some(isAlive))
  assert.deepEqual(readdirSync(path.join(folder, 'target')).filter((name) => !name.endsWith('.log')), [])
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  test(`${signal} while it prepares fast starts ends what serves`, async () => {
    java({ serve: STAYS })
    await endsWithAllItStarted(signal)
    assert.ok(!existsSync(path.join(folder, 'cli/target/switchboard.trained')))
  })

  test(`${signal} while it builds ends Maven`, async () => {
    rmSync(path.join(folder, 'cli/target/switchboard.built'))
    program('bin/mvn', STAYS)
    await endsWithAllItStarted(signal)
    assert.ok(!existsSync(path.join(folder, 'cli/target/switchboard.built')))
  })
}

const SERVES = `trap 'echo made >"$cache"; exit' TERM
  echo 'Switchboard listens on http://127.0.0.1:1; it is all a play'; echo Ctrl-C; while :; do sleep 0.02; done`
const TAILS = 'echo made >"$cache"'

test('fast starts are prepared once for a JDK and its options, without the settings of the server to come', async () => {
  java({ serve: SERVES, tail: TAILS })
  const prepares = async () => {
    const { code, said } = await launch({ SWITCHBOARD_PORT: '80', SWITCHBOARD_TOKEN: 'secret' }).ended
    assert.equal(code, 0)
    assert.match(said, /^the program$/m)
    return /preparing/.test(said)
  }
  write('runs.env', '')
  assert.equal(await prepares(), true)
  const trainedWith = readFileSync(path.join(folder, 'runs.env'), 'utf8').split('SWITCHBOARD_TOKEN=')
  assert.equal(trainedWith.length, 2, 'only the program itself is shown the token')
  assert.equal(await prepares(), false)
  rmSync(path.join(folder, 'cli/target/switchboard.aot'))
  assert.equal(await prepares(), true, 'a cache was gone')
  write('jdk/release', 'JAVA_VERSION="25.0.9"\n')
  assert.equal(await prepares(), true, 'another JDK is at the same place')
  const launcher = path.join(folder, 'switchboard')
  writeFileSync(launcher, readFileSync(launcher, 'utf8').replace('-Xms64m', '-Xms65m'))
  assert.equal(await prepares(), true, 'the options are others')
  assert.equal(await prepares(), false)
})

test('what cannot be prepared is tried three times, and the program starts all the same', async () => {
  java({ serve: 'exit 1' })
  for (const expected of [true, true, true, false]) {
    const { code, said } = await launch().ended
    assert.equal(code, 0)
    assert.match(said, /^the program$/m)
    assert.equal(/starts will not be fast/.test(said), expected)
  }
})
